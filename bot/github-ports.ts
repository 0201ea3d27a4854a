import { LRUCache } from 'lru-cache';
import { octokitChecks } from '../chatops/github/check-runs.ts';
import { octokitCodeOwners } from '../chatops/github/code-owners.ts';
import { octokitFiles } from '../chatops/github/files.ts';
import { appIdentity, type Identity } from '../chatops/github/identity.ts';
import { KnownReplies } from '../chatops/github/reply-cache.ts';
import type { Octokit } from '../chatops/github/api-client.ts';
import { octokitPermissions } from '../chatops/github/permissions.ts';
import { octokitPolicies } from '../chatops/github/policy-loader.ts';
import type {
  Checks,
  CodeOwners,
  Files,
  Permissions,
  Policies,
  Thread,
  ThreadRef,
  Visibility,
} from '../chatops/github/ports.ts';
import { octokitThread } from '../chatops/github/thread.ts';
import { octokitVisibility } from '../chatops/github/visibility.ts';
import type { PolicyReader } from '../chatops/policy/index.ts';
import type { GitHub } from './github.ts';
import { joinedPolicies } from './coalesced-policies.ts';

/** A thread, and the installation that lets us in. */
export type Place = { thread: ThreadRef; installation: number };

/** What is asked of, and written to, the repositories of one installation. */
type Installation = {
  octokit: Octokit;
  permissions: Permissions;
  visibility: Visibility;
  policies: Policies;
  codeOwners: CodeOwners;
  files: Files;
  checks: Checks;
};

/** What is asked of, and written to, GitHub about one thread. */
export type GitHubPorts = Omit<Installation, 'octokit'> & { thread: Thread };

/** GitHub's side of any thread, on caches that all of them share. */
export class Threads {
  readonly #app: number;
  readonly #github: GitHub;
  readonly #readPolicy: PolicyReader;
  readonly #known = new KnownReplies();
  readonly #installations = new LRUCache<number, Installation>({ max: 1_000 });
  /** Who we are. */
  readonly identity: Identity;

  /**
   * @param app our app's id
   * @param readPolicy reads the policy of a default branch
   */
  constructor(app: number, github: GitHub, readPolicy: PolicyReader) {
    this.#app = app;
    this.#github = github;
    this.#readPolicy = readPolicy;
    this.identity = appIdentity(app, github.app);
  }

  at({ thread, installation }: Place): GitHubPorts {
    const { octokit, ...ports } = this.in(installation);
    const { identity } = this;
    return { ...ports, thread: octokitThread(thread, { octokit, identity, known: this.#known }) };
  }

  /** What needs no thread. */
  in(installation: number): Installation {
    const known = this.#installations.get(installation);
    if (known) return known;
    const octokit = this.#github.installation(installation);
    const made: Installation = {
      octokit,
      permissions: octokitPermissions(octokit),
      visibility: octokitVisibility(octokit),
      policies: joinedPolicies(octokitPolicies(octokit, this.#readPolicy)),
      codeOwners: octokitCodeOwners(octokit),
      files: octokitFiles(octokit),
      checks: octokitChecks(octokit, this.#app),
    };
    this.#installations.set(installation, made);
    return made;
  }

  /** Whether this process knows of a reply to the comment; without a call. */
  isAnswered(comment: number): boolean {
    return this.#known.of(comment) !== undefined;
  }
}
