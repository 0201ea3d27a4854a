import type { Repository } from '../incoming-comment.ts';
import type { PermissionLevel } from '../policy/permission-level.ts';
import type { Policy, PolicyProblem } from '../policy/policy.ts';
import type { ReplyMarker } from './reply-marker.ts';

/** A reply of ours on a thread. */
export type PostedReply = { id: number; body: string };

/** Reactions that we give to a comment: seen, ended well, ended badly or refused. */
export type Reaction = 'eyes' | 'rocket' | 'confused';

export type ReactionCounts = Partial<Record<Reaction, number | undefined>>;

/** A write that GitHub refuses for good: the thread is locked, deleted, transferred or archived, or full. */
export class WriteRefusedError extends Error {
  override name = 'WriteRefusedError';
}

/** The most comments that GitHub takes on an issue. */
export const maxComments = 2_500;

/** What we read and write on one thread. Writes that are refused for good throw `WriteRefusedError`, other faults as they come. */
export interface Thread {
  /** Our reply to a comment: by our own identity, with a marker that names the comment. */
  findReply(comment: { id: number; createdAt: string }): Promise<PostedReply | undefined>;
  /** The first comment of ours, written at or after a time, whose marker is the one looked for. */
  findOurs(since: string, matches: (marker: ReplyMarker) => boolean): Promise<PostedReply | undefined>;
  create(body: string): Promise<PostedReply>;
  edit(reply: number, body: string): Promise<void>;
  /** Adds a reaction to a comment. Succeeds if the reaction exists already, or if the comment is gone. */
  react(comment: number, reaction: Reaction): Promise<void>;
  /** Returns a comment's reaction counts, by anyone, as `findReply` last listed them; undefined if unknown. */
  reactionsSeen(comment: number): ReactionCounts | undefined;
  /** Whether we have given the comment any reaction. */
  hasReacted(comment: number): Promise<boolean>;
}

export interface Permissions {
  /** The person's level on the repository; `none` for a stranger. */
  level(repository: Repository, person: { id: number; login: string }): Promise<PermissionLevel>;
  /**
   * Whether a person is an active member of a team, `org/slug`; members of child teams are.
   * `unreadable`: the credential may not read teams, which to GitHub looks the same as a team that does not exist.
   */
  membership(
    team: string,
    person: { id: number; login: string },
  ): Promise<'member' | 'not-a-member' | 'unreadable'>;
}

export interface Visibility {
  /** Whether everyone may read the repository: then links carry no SAS. */
  isPublic(repository: Repository): Promise<boolean>;
}

/** The policy of a repository, as its default branch has it. `commit`: the last that changed the file; null without a file. */
export type LoadedPolicy =
  | { state: 'none' | 'read'; policy: Policy; commit: string | null }
  | { state: 'broken'; mistakes: readonly PolicyProblem[]; commit: string | null };

export interface PolicyLoader {
  /** Never older than the present default branch: an unchanged one costs a conditional request. */
  of(repository: Repository): Promise<LoadedPolicy>;
}

export interface CodeOwners {
  /**
   * Whether CODEOWNERS names an owner of the policy file, on the default branch or at a commit. Undefined if that is not known,
   * because GitHub did not answer, or not soon, or the file cannot be read. Never throws.
   */
  hasPolicyOwner(repository: Repository, commit?: string): Promise<boolean | undefined>;
}

/** A file of a repository, or why it is not read. `bytes` where the size is known. */
export type FileAnswer =
  | { outcome: 'read'; text: string }
  | {
      outcome: 'not-found' | 'folder' | 'symlink' | 'submodule' | 'lfs-pointer' | 'too-large' | 'not-text';
      bytes: number | null;
    };

export interface Files {
  /** The default branch's head. */
  getDefaultHead(repository: Repository): Promise<string>;
  /** A pull request's present head. */
  getPullHead(repository: Repository, number: number): Promise<string>;
  /** A file at a commit; its size is looked at before its content is asked for. */
  read(repository: Repository, path: string, commit: string, maxBytes: number): Promise<FileAnswer>;
}

/** A check run on a commit; the same name on the same commit is updated. */
export type CheckRun = {
  name: string;
  commit: string;
  /** Null while it runs. */
  conclusion: 'success' | 'failure' | 'neutral' | 'cancelled' | 'timed_out' | 'action_required' | null;
  title: string;
  /** Markdown. */
  summary: string;
  annotations: readonly { path: string; line: number; message: string }[];
  /** Tells one subject's check from another of the same name: a job's id. */
  externalId: string | null;
};

export interface CheckRuns {
  /** Returns whether the check run exists and shows the same state. */
  isShown(repository: Repository, check: CheckRun): Promise<boolean>;
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
