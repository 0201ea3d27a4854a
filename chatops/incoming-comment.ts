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
  /** The thread's labels and number of comments at that time. */
  threadState: { labels: readonly string[]; comments: number };
  comment: { id: number; createdAt: string; body: string };
  author: Author;
  event: CommentEvent;
  installation: number | null;
  /** GitHub shows the author as belonging to the repository. This grants no permission; it only affects the order of processing. */
  isAffiliated?: boolean;
};
