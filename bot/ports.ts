import { LRUCache } from 'lru-cache';
import { appIdentity } from '../chatops/github/identity.ts';
import { KnownReplies } from '../chatops/github/known-replies.ts';
import { octokitPermissions } from '../chatops/github/permissions.ts';
import type { Permissions, Thread, ThreadRef, Visibility } from '../chatops/github/port.ts';
import { octokitThread } from '../chatops/github/thread.ts';
import { octokitVisibility } from '../chatops/github/visibility.ts';
import type { GitHub } from './github.ts';

/** A thread, and the installation that lets us in. */
export type Place = { thread: ThreadRef; installation: number };

/** What is asked of, and written to, GitHub about one thread. */
export type GitHubPorts = { permissions: Permissions; thread: Thread; visibility: Visibility };

/** The ports of any thread, on caches that all of them share. @param app our app's id */
export const githubPorts = (app: number, github: GitHub): ((place: Place) => GitHubPorts) => {
  const identity = appIdentity(app, github.app);
  const known = new KnownReplies();
  const visibilities = new LRUCache<number, Visibility>({ max: 1_000 });
  const visibilityAt = (installation: number): Visibility => {
    const visibility = visibilities.get(installation) ?? octokitVisibility(github.installation(installation));
    visibilities.set(installation, visibility);
    return visibility;
  };
  return ({ thread, installation }) => {
    const octokit = github.installation(installation);
    return {
      permissions: octokitPermissions(octokit),
      thread: octokitThread(thread, { octokit, identity, known }),
      visibility: visibilityAt(installation),
    };
  };
};
