import { LRUCache } from 'lru-cache';
import { appIdentity, type Identity } from '../chatops/github/identity.ts';
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

/** GitHub's side of any thread, on caches that all of them share. */
export class Threads {
  readonly #github: GitHub;
  readonly #identity: Identity;
  readonly #known = new KnownReplies();
  readonly #visibilities = new LRUCache<number, Visibility>({ max: 1_000 });

  /** @param app our app's id */
  constructor(app: number, github: GitHub) {
    this.#github = github;
    this.#identity = appIdentity(app, github.app);
  }

  at({ thread, installation }: Place): GitHubPorts {
    const octokit = this.#github.installation(installation);
    return {
      permissions: octokitPermissions(octokit),
      thread: octokitThread(thread, { octokit, identity: this.#identity, known: this.#known }),
      visibility: this.#visibilityAt(installation),
    };
  }

  /** Whether this process knows of a reply to the comment; without a call. */
  isAnswered(comment: number): boolean {
    return this.#known.of(comment) !== undefined;
  }

  #visibilityAt(installation: number): Visibility {
    const visibility =
      this.#visibilities.get(installation) ?? octokitVisibility(this.#github.installation(installation));
    this.#visibilities.set(installation, visibility);
    return visibility;
  }
}
