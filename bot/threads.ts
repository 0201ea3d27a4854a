import { LRUCache } from 'lru-cache';
import { octokitChecks } from '../chatops/github/checks.ts';
import { octokitFiles } from '../chatops/github/files.ts';
import { appIdentity, type Identity } from '../chatops/github/identity.ts';
import { KnownReplies } from '../chatops/github/known-replies.ts';
import { octokitPermissions } from '../chatops/github/permissions.ts';
import { octokitPolicies } from '../chatops/github/policies.ts';
import type {
  Checks,
  Files,
  Permissions,
  Policies,
  Thread,
  ThreadRef,
  Visibility,
} from '../chatops/github/port.ts';
import { octokitThread } from '../chatops/github/thread.ts';
import { octokitVisibility } from '../chatops/github/visibility.ts';
import type { GitHub } from './github.ts';

/** A thread, and the installation that lets us in. */
export type Place = { thread: ThreadRef; installation: number };

/** What is asked of, and written to, GitHub where an installation lets us in. */
export type InstallationPorts = {
  permissions: Permissions;
  visibility: Visibility;
  policies: Policies;
  files: Files;
  checks: Checks;
};

/** The same, and one thread. */
export type GitHubPorts = InstallationPorts & { thread: Thread };

/** GitHub's side of any thread, on caches that all of them share. */
export class Threads {
  readonly #app: number;
  readonly #github: GitHub;
  readonly #identity: Identity;
  readonly #known = new KnownReplies();
  readonly #installations = new LRUCache<number, InstallationPorts>({ max: 1_000 });

  /** @param app our app's id */
  constructor(app: number, github: GitHub) {
    this.#app = app;
    this.#github = github;
    this.#identity = appIdentity(app, github.app);
  }

  at({ thread, installation }: Place): GitHubPorts {
    const octokit = this.#github.installation(installation);
    return {
      ...this.in(installation),
      thread: octokitThread(thread, { octokit, identity: this.#identity, known: this.#known }),
    };
  }

  /** What belongs to an installation. */
  in(installation: number): InstallationPorts {
    const octokit = this.#github.installation(installation);
    const ports = this.#installations.get(installation) ?? {
      permissions: octokitPermissions(octokit),
      visibility: octokitVisibility(octokit),
      policies: octokitPolicies(octokit),
      files: octokitFiles(octokit),
      checks: octokitChecks(octokit, this.#app),
    };
    this.#installations.set(installation, ports);
    return ports;
  }

  /** Whether this process knows of a reply to the comment; without a call. */
  isAnswered(comment: number): boolean {
    return this.#known.of(comment) !== undefined;
  }

  /** Whether a comment was written by us. */
  readonly wrote: Identity['wrote'] = (comment) => this.#identity.wrote(comment);
}
