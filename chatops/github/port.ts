/** Levels of access to a repository, least first; a custom role counts as the level it is based on. */
export const levels = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Level = (typeof levels)[number];

export type Repository = {
  id: number;
  /** `owner/name`. */
  name: string;
};

export type ThreadRef = { repository: Repository; number: number; kind: 'issue' | 'pull-request' };

/** A comment as it came: a snapshot, never read again. */
export type IncomingComment = {
  /** `github.com`, or the host of a GitHub Enterprise Server. */
  host: string;
  thread: ThreadRef;
  comment: { id: number; createdAt: string; body: string };
  author: { id: number; login: string };
  installation: number | null;
};

/** A reply of ours on a thread. */
export type PostedReply = { id: number; body: string };

/** Reactions that we give to a comment: seen, ended well, ended badly or refused. */
export type Reaction = 'eyes' | 'rocket' | 'confused';

/** A write that GitHub refuses for good: the thread is locked, deleted, transferred or archived, or full. */
export class WriteRefused extends Error {
  override name = 'WriteRefused';
}

/** What we read and write on one thread. Writes that are refused for good throw `WriteRefused`, other faults as they come. */
export interface Thread {
  /** Our reply to a comment: by our own identity, with a marker that names the comment. */
  findReply(comment: { id: number; createdAt: string }): Promise<PostedReply | undefined>;
  create(body: string): Promise<PostedReply>;
  edit(reply: number, body: string): Promise<void>;
  /** Adds a reaction to a comment; fine if it is there already. */
  react(comment: number, reaction: Reaction): Promise<void>;
}

export interface Permissions {
  /** The person's level on the repository; `none` for a stranger. */
  level(repository: Repository, person: { id: number; login: string }): Promise<Level>;
}

export interface Visibility {
  /** Whether everyone may read the repository: then links carry no SAS. */
  isPublic(repository: Repository): Promise<boolean>;
}
