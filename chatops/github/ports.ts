import type { CommentId } from '../../contracts/comment-id.ts';
import type { Repository } from '../incoming-comment.ts';
import type { PermissionLevel } from '../policy/permission-level.ts';
import type { Policy, PolicyProblem } from '../policy/policy.ts';
import type { ReplyMarker } from './reply-marker.ts';

/** One of our replies on a thread. */
export type PostedReply = { id: number; body: string };

/** The reactions that we add to a comment: accepted; completed; failed or refused. */
export type Reaction = 'eyes' | 'rocket' | 'confused';

export type ReactionCounts = Partial<Record<Reaction, number | undefined>>;

/** A write that GitHub refuses permanently: the thread is locked, deleted, transferred, archived or full. */
export class WriteRefusedError extends Error {
  override name = 'WriteRefusedError';
}

/** The maximum number of comments that GitHub allows on an issue. */
export const maxComments = 2_500;

/** Reads and writes on one thread. Writes that are refused permanently throw `WriteRefusedError`; other errors pass through. */
export interface Thread {
  /** Returns our reply to a comment: written by our identity, with a marker that names the comment. */
  findReply(comment: { id: CommentId; createdAt: string }): Promise<PostedReply | undefined>;
  /** Returns our first comment since a time whose marker matches. */
  findOwnComment(since: string, matches: (marker: ReplyMarker) => boolean): Promise<PostedReply | undefined>;
  create(body: string): Promise<PostedReply>;
  edit(reply: number, body: string): Promise<void>;
  /** Adds a reaction to a comment. Succeeds if the reaction exists already, or if the comment is gone or is a review, which has no reactions. */
  react(comment: CommentId, reaction: Reaction): Promise<void>;
  /** Returns a comment's reaction counts, by anyone, as `findReply` last listed them; undefined if unknown. */
  getCachedReactions(comment: CommentId): ReactionCounts | undefined;
  /** Returns whether we have added any reaction to the comment. */
  hasReacted(comment: CommentId): Promise<boolean>;
}

export interface Permissions {
  /** Returns the person's permission level on the repository; `none` for people without access. */
  getLevel(repository: Repository, person: { id: number; login: string }): Promise<PermissionLevel>;
  /**
   * Returns whether a person is an active member of a team (`org/slug`) or of its child teams.
   * `unreadable`: the credential cannot read the team, or it does not exist; GitHub answers both alike.
   */
  getMembership(
    team: string,
    person: { id: number; login: string },
  ): Promise<'member' | 'not-a-member' | 'unreadable'>;
}

export interface Visibility {
  /** Returns whether everyone can read the repository. Links in a public repository carry no SAS. */
  isPublic(repository: Repository): Promise<boolean>;
}

/** The policy on a repository's default branch. `commit`: the last commit that changed the file; null without a file. */
export type LoadedPolicy =
  | { state: 'none' | 'read'; policy: Policy; commit: string | null }
  | { state: 'broken'; mistakes: readonly PolicyProblem[]; commit: string | null };

export interface PolicyLoader {
  /** Returns the policy on the current default branch. An unchanged policy costs a conditional request. */
  load(repository: Repository): Promise<LoadedPolicy>;
}

export interface CodeOwners {
  /**
   * Returns whether CODEOWNERS names an owner of the policy file, on the default branch or at a commit; undefined if GitHub does not
   * answer in time, or if the file cannot be read. Never throws.
   */
  hasPolicyOwner(repository: Repository, commit?: string): Promise<boolean | undefined>;
}

/** A file of a repository, or the reason why it was not read. `bytes`: its size, if known. */
export type FileAnswer =
  | { outcome: 'read'; text: string }
  | {
      outcome: 'not-found' | 'folder' | 'symlink' | 'submodule' | 'lfs-pointer' | 'too-large' | 'not-text';
      bytes: number | null;
    };

export interface Files {
  /** Returns the head commit of the default branch. */
  getDefaultHead(repository: Repository): Promise<string>;
  /** Returns the current head commit of a pull request. */
  getPullHead(repository: Repository, number: number): Promise<string>;
  /** Reads a file at a commit. Checks its size before requesting its content. */
  read(repository: Repository, path: string, commit: string, maxBytes: number): Promise<FileAnswer>;
}

/** A check run on a commit. A check run with the same name and external id on the same commit is updated. */
export type CheckRun = {
  name: string;
  commit: string;
  /** Null while the job runs. */
  conclusion: 'success' | 'failure' | 'neutral' | 'cancelled' | 'timed_out' | 'action_required' | null;
  title: string;
  /** Markdown. */
  summary: string;
  annotations: readonly { path: string; line: number; message: string }[];
  /** Distinguishes check runs with the same name: a job's id. */
  externalId: string | null;
};

export interface CheckRuns {
  /** Returns whether the check run exists and shows the same state. */
  isUpToDate(repository: Repository, check: CheckRun): Promise<boolean>;
  put(repository: Repository, check: CheckRun): Promise<void>;
}

/** Awaits a write and ignores a permanent refusal, so that only this write is lost. @throws any other fault */
export const ignoreRefusedWrite = async (write: Promise<void>): Promise<void> => {
  try {
    await write;
  } catch (error) {
    if (!(error instanceof WriteRefusedError)) throw error;
  }
};
