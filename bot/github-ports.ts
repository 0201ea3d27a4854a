import type { CommentId } from '../contracts/comment-id.ts';
import { LRUCache } from 'lru-cache';
import { createOctokitCheckRuns } from '../chatops/github/check-runs.ts';
import { createOctokitCodeOwners } from '../chatops/github/code-owners.ts';
import { createOctokitFiles } from '../chatops/github/files.ts';
import { createAppIdentity, type Identity } from '../chatops/github/identity.ts';
import { ReplyCache } from '../chatops/github/reply-cache.ts';
import type { Octokit } from '../chatops/github/api-client.ts';
import { createOctokitPermissions } from '../chatops/github/permissions.ts';
import { createPolicyLoader } from '../chatops/github/policy-loader.ts';
import type {
  CheckRuns,
  CodeOwners,
  Files,
  Permissions,
  PolicyLoader,
  Thread,
  Visibility,
} from '../chatops/github/ports.ts';
import type { ThreadRef } from '../chatops/incoming-comment.ts';
import { createOctokitThread } from '../chatops/github/thread.ts';
import { createOctokitVisibility } from '../chatops/github/visibility.ts';
import type { PolicyReader } from '../chatops/policy/index.ts';
import type { GitHub } from './github.ts';
import { coalescePolicyReads } from './coalesced-policies.ts';

/** A thread, and the installation that gives us access to it. */
type InstalledThread = { thread: ThreadRef; installation: number };

/** The GitHub ports of one installation. */
type InstallationPorts = {
  octokit: Octokit;
  permissions: Permissions;
  visibility: Visibility;
  policies: PolicyLoader;
  codeOwners: CodeOwners;
  files: Files;
  checks: CheckRuns;
};

/** The GitHub ports of one thread. */
type GitHubPorts = Omit<InstallationPorts, 'octokit'> & { thread: Thread };

/** Creates GitHub ports for threads and installations. They share caches. */
export class GitHubPortsFactory {
  readonly #app: number;
  readonly #github: GitHub;
  readonly #readPolicy: PolicyReader;
  readonly #knownReplies = new ReplyCache();
  readonly #installations = new LRUCache<number, InstallationPorts>({ max: 1_000 });
  /** The app's own identity. */
  readonly identity: Identity;

  /**
   * @param app the app's id
   * @param readPolicy reads the policy of a default branch
   */
  constructor(app: number, github: GitHub, readPolicy: PolicyReader) {
    this.#app = app;
    this.#github = github;
    this.#readPolicy = readPolicy;
    this.identity = createAppIdentity(app, github.app);
  }

  forThread({ thread, installation }: InstalledThread): GitHubPorts {
    const { octokit, ...ports } = this.forInstallation(installation);
    const { identity } = this;
    return {
      ...ports,
      thread: createOctokitThread(thread, { octokit, identity, replyCache: this.#knownReplies }),
    };
  }

  /** Returns the ports of an installation. */
  forInstallation(installation: number): InstallationPorts {
    const cached = this.#installations.get(installation);
    if (cached) return cached;
    const octokit = this.#github.installation(installation);
    const created: InstallationPorts = {
      octokit,
      permissions: createOctokitPermissions(octokit),
      visibility: createOctokitVisibility(octokit),
      policies: coalescePolicyReads(createPolicyLoader(octokit, this.#readPolicy)),
      codeOwners: createOctokitCodeOwners(octokit),
      files: createOctokitFiles(octokit),
      checks: createOctokitCheckRuns(octokit, this.#app),
    };
    this.#installations.set(installation, created);
    return created;
  }

  /** Returns whether this process knows a reply to the comment. Makes no call. */
  isAnswered(comment: CommentId): boolean {
    return this.#knownReplies.get(comment) !== undefined;
  }
}
