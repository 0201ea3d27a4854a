export type Repository = {
  id: number;
  /** `owner/name`. */
  name: string;
};

export type ThreadRef = { repository: Repository; number: number; kind: 'issue' | 'pull-request' };

/** An account on GitHub; id 0, which no account has, for a workflow on a schedule. */
type Account = { id: number; login: string };

/**
 * Who wrote something: a person, a program, or a GitHub App in the name of a person, whose account it is. `app`: the slug of that app,
 * in lower case; null where GitHub gives none that a policy could hold.
 */
export type Author = Account &
  ({ kind: 'person' } | { kind: 'bot' } | { kind: 'person-via-app'; app: string | null });

/**
 * What a step of a workflow's run asks for: the n-th `attempt` of the run, from 1. `key`: tells apart what is otherwise the same
 * request of the same step.
 */
export type RunStep = { run: string; job: string; step: string; attempt: number; key: string };

/**
 * How a comment came to say what it says. `before`: its text before the edit, `at`: when that was; null if it is not known. `run`: there is no
 * comment, a workflow asks; then the comment's id is 0.
 */
export type CommentEvent =
  | { kind: 'created' }
  | { kind: 'edited'; before: string | null; at: string | null; editor: { id: number; login: string } }
  | { kind: 'run'; step: RunStep };

/** A comment as it came: a snapshot, never read again. */
export type IncomingComment = {
  /** `github.com`, or the host of a GitHub Enterprise Server. */
  host: string;
  thread: ThreadRef;
  /** What the thread was like then: its labels, and how many comments it had. */
  threadState: { labels: readonly string[]; comments: number };
  comment: { id: number; createdAt: string; body: string };
  author: Author;
  event: CommentEvent;
  installation: number | null;
  /** GitHub shows the author as belonging to the repository. This grants no permission; it only affects the order of processing. */
  isAffiliated?: boolean;
};
