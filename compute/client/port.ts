import type { Lock, Person } from '../../contracts/conditions.ts';
import type { Job, JobLog, JobPage, JobState } from '../../contracts/job.ts';
import type { Problem } from '../../contracts/problem.ts';
import type { ComputeRequest, TaskRequest } from '../../contracts/job-request.ts';
import type { TaskList } from '../../contracts/task-definition.ts';

type Loose<T> = { [K in keyof T]?: T[K] | undefined };

/** A request to start a job. Fields with a default can be omitted. */
export type StartRequest =
  | ({ kind: 'compute'; inputCount: number } & Loose<Omit<ComputeRequest, 'inputCount'>>)
  | ({ kind: 'task'; taskName: string } & Loose<Omit<TaskRequest, 'taskName'>>);

/**
 * The answer to a start. `id`: the job's id, which differs from the requested one if another repository's job has that id.
 * `started`: this call started it. `known`: the job exists already, in any state, and nothing runs again. `conflict`: the id
 * belongs to another request. `refused`: the request is invalid, or this caller is not allowed to make it.
 */
export type StartAnswer =
  | { outcome: 'started' | 'known'; id: string }
  | { outcome: 'conflict' | 'refused'; problem: Problem };

/** Selects the jobs to list. Times are ISO 8601 by the orchestrator's clock. */
export type JobFilter = {
  states?: readonly JobState[];
  /** The earliest creation time. */
  since?: string;
  /** `<repository id>/<thread number>`. */
  thread?: string;
  /** `<host>/<repository id>`. Older orchestrators ignore it. */
  repository?: string;
  /** The beginning of the ids, with at least eight digits. Older orchestrators ignore it. */
  idPrefix?: string;
  /** The number of jobs per page, at most 500. */
  top?: number;
  continue?: string;
};

/** The answer to a cancellation. `accepted`: the job will end as canceled. `ended`: it had ended before. */
export type CancelAnswer = 'accepted' | 'not-found' | 'ended';

/** An approval or rejection of the request with this code. */
export type ApprovalDecision = { by: Person; code: string };

/**
 * The answer to an approval. `counted`: it counts, and `missing` more are needed (0: the job continues); a repeated approval counts once.
 * `own-request`: the requester cannot approve. `wrong-code`: the job waits for the approval of another request. `not-waiting`: the job
 * does not wait for approval.
 */
export type ApproveAnswer =
  | { outcome: 'counted'; missing: number }
  | { outcome: 'own-request' | 'wrong-code' | 'not-waiting' | 'not-found' | 'ended' };

export type RejectAnswer = 'accepted' | 'wrong-code' | 'not-waiting' | 'not-found' | 'ended';

/** A part of a log. `offset`: the byte offset after it, from which another call can resume. */
export type LogChunk = { text: string; offset: number };

/** `from`: the byte offset of the first chunk, 0 by default. `scope`: as in `Jobs.get`. */
export type FollowLogOptions = { from?: number; scope?: string; signal: AbortSignal };

/** The answer to an upload of inputs. `problem.field` is a line, such as `line 12`. */
export type InputsAnswer =
  | { outcome: 'stored'; sha256: string; count: number }
  | { outcome: 'refused'; problem: Problem };

/** The jobs of the orchestrator, for bot, Action and command line. Methods throw `OrchestratorError` for network errors, 5xx and 401. */
export interface Jobs {
  start(request: StartRequest): Promise<StartAnswer>;
  /** @param scope `<host>/<repository id>`: returns this repository's job under the id, which can have a different id of its own */
  get(id: string, scope?: string): Promise<Job | undefined>;
  /** Returns one page, newest first. */
  page(filter: JobFilter): Promise<JobPage>;
  cancel(id: string, by: string, scope?: string): Promise<CancelAnswer>;
  approve(id: string, verdict: ApprovalDecision): Promise<ApproveAnswer>;
  reject(id: string, verdict: ApprovalDecision & { reason: string | null }): Promise<RejectAnswer>;
  /** Returns the end of a task's log, at most so many bytes; undefined without such a job, or without a log. */
  log(id: string, bytes: number): Promise<JobLog | undefined>;
  /**
   * Yields a task's log as it grows, in bounded chunks, and ends when the job has ended and everything was read, or once the signal is
   * aborted. A broken connection is resumed. Texts are raw and untrusted.
   * @throws OrchestratorError, with the status 404 if there is no such job, or it is a compute job, which has no log
   */
  followLog(id: string, options: FollowLogOptions): AsyncIterable<LogChunk>;
  /** Stores inputs for a compute job, one JSON value per line. Equal texts are stored once. */
  putInputs(text: string): Promise<InputsAnswer>;
  tasks(): Promise<TaskList>;
}

/** When a lock is to end by itself: after so many seconds, when a thread is closed, or at the first of both. */
export type RequestedLockEnd = { seconds: number | null; thread: number | null };

/** The answer to taking a lock by hand. `yours`: this person already had it. */
export type LockAnswer = { outcome: 'taken' | 'yours' | 'held'; lock: Lock };

/** The answer to releasing a lock. `held`: by a job, or by another person without `force`. */
export type UnlockAnswer =
  | { outcome: 'released' }
  | { outcome: 'not-locked' }
  | { outcome: 'held'; lock: Lock };

/** The locks of the orchestrator. Errors as with `Jobs`. */
export interface Locks {
  /**
   * Returns the held locks of a scope. With an `owner`, `<host>/<repository id>`: as readers of this repository may see them, and of
   * the scope `tasks` only those that its jobs hold or wait for.
   */
  list(scope: string, owner?: string): Promise<Lock[]>;
  /**
   * Takes a lock for a person, or changes the end of one that this person holds. An older orchestrator ignores `end`; the lock in the
   * answer has the end that was stored.
   * @param lock `end`: missing to keep the end of a held lock, null for none
   */
  take(lock: {
    scope: string;
    key: string;
    by: Person;
    reason: string | null;
    end?: RequestedLockEnd | null | undefined;
  }): Promise<LockAnswer>;
  /** Releases a lock that this person holds; with `force`, also another person's. */
  release(lock: { scope: string; key: string; by: Person; force: boolean }): Promise<UnlockAnswer>;
  /**
   * Releases the locks of a scope that end when a thread is closed, and were taken by a time (ISO 8601). Returns their keys; none from an
   * older orchestrator, whose locks have no ends, or if the caller cannot release locks.
   */
  endWithThread(end: { scope: string; thread: number; takenBefore: string }): Promise<string[]>;
}

/** The leases of the orchestrator: at most one process holds a name at a time. Errors as with `Jobs`. */
export interface Leases {
  /**
   * Takes or renews a lease for so many seconds. False while another holder has it.
   * @param options `takeOver`: also takes a claim from a caller without `"entry": true`; only the platform and entries can use it
   */
  take(name: string, holder: string, seconds: number, options?: { takeOver: boolean }): Promise<boolean>;
  /** Releases a lease if this holder has it. */
  release(name: string, holder: string): Promise<void>;
}
