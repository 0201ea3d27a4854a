import type { CommentId } from '../contracts/comment-id.ts';

/** A repository: its numeric id, and its current name. */
export type Repository = {
  id: number;
  /** `owner/name`. */
  name: string;
};

/** An issue or a pull request. */
export type ThreadRef = { repository: Repository; number: number; kind: 'issue' | 'pull-request' };

/** A GitHub account. A workflow on a schedule has the id 0, which no account has. */
type Account = { id: number; login: string };

/**
 * The author of a comment: a person, a bot, or a person on whose behalf a GitHub App posted it. `app`: the app's slug in lower case;
 * null if GitHub shows none, or none that a policy could list.
 */
export type Author = Account &
  ({ kind: 'person' } | { kind: 'bot' } | { kind: 'person-via-app'; app: string | null });

/**
 * A step of a workflow run. `attempt`: the number of the run's attempt, from 1. `key`: distinguishes equal requests of the same step.
 */
export type RunStep = { run: string; job: string; step: string; attempt: number; key: string };

/**
 * What produced a comment's text. `before`: its text before the edit; `at`: the time of the edit; null if unknown. `run`: a workflow
 * requests the command; there is no comment, and its id is 0.
 */
export type CommentEvent =
  | { kind: 'created' }
  | { kind: 'edited'; before: string | null; at: string | null; editor: { id: number; login: string } }
  | { kind: 'run'; step: RunStep };

/** A comment as it was received: a snapshot that is not read again. */
export type IncomingComment = {
  /** `github.com`, or the host of a GitHub Enterprise Server. */
  host: string;
  thread: ThreadRef;
  /** The thread's labels and number of comments at that time, and whether it was closed. */
  threadState: { labels: readonly string[]; comments: number; isClosed?: boolean };
  /** `createdAt`: when it was written; a review comment counts as written when its review was submitted, if that is known. */
  comment: { id: CommentId; createdAt: string; body: string };
  author: Author;
  event: CommentEvent;
  installation: number | null;
  /** GitHub shows the author as belonging to the repository. This grants no permission; it only affects the order of processing. */
  isAffiliated?: boolean;
};

/** Returns the scope of a repository's locks and leases at an orchestrator: `<host>/<repository id>`. */
export const toScope = ({
  host,
  thread,
}: {
  host: string;
  thread: { repository: Pick<Repository, 'id'> };
}): string => `${host}/${thread.repository.id}`;

/** Commands older than this are not executed: the author may have acted since. In milliseconds. */
export const maxCommandAgeMilliseconds = 3_600_000;

/** Returns whether a comment, or its edit, is too old to execute. GitHub redelivers failed webhooks for days. */
export const isTooOld = ({ comment, event }: Pick<IncomingComment, 'comment' | 'event'>): boolean => {
  const at = event.kind === 'edited' ? event.at : comment.createdAt;
  return at !== null && Date.now() - Date.parse(at) > maxCommandAgeMilliseconds;
};
