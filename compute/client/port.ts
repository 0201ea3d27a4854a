import type { Lock, Person } from '../../contracts/conditions.ts';
import type { Job, JobLog, JobPage, JobState } from '../../contracts/job.ts';
import type { Problem } from '../../contracts/problem.ts';
import type { ComputeRequest, TaskRequest } from '../../contracts/job-request.ts';
import type { TaskList } from '../../contracts/task-definition.ts';

type Loose<T> = { [K in keyof T]?: T[K] | undefined };

/** A request to start a job, as a caller writes it: what has a default may be left out. */
export type StartRequest =
  | ({ kind: 'compute'; inputCount: number } & Loose<Omit<ComputeRequest, 'inputCount'>>)
  | ({ kind: 'task'; taskName: string } & Loose<Omit<TaskRequest, 'taskName'>>);

/**
 * The answer to a start. `id`: the job's id, which differs from the requested one if another repository's job has that id.
 * `started`: this call started it. `known`: the job exists already, in any state, and nothing runs again. `conflict`: the id
 * belongs to another request. `refused`: the request is wrong,
 * or this caller may not make it.
 */
export type StartAnswer =
  | { outcome: 'started' | 'known'; id: string }
  | { outcome: 'conflict' | 'refused'; problem: Problem };

/** Which jobs to list; times are ISO 8601 by the orchestrator's clock. */
export type JobFilter = {
  states?: readonly JobState[];
  /** Created at or after. */
  since?: string;
  /** `<repository id>/<thread number>`. */
  thread?: string;
  /** `<host>/<repository id>`. Older orchestrators do not know it. */
  repository?: string;
  /** Jobs a page, at most 500. */
  top?: number;
  continue?: string;
};

/** Accepted: it will end as canceled. Ended: it had ended before. */
export type CancelAnswer = 'accepted' | 'not-found' | 'ended';

/** An approval or rejection: who, of the request that has this code. */
export type ApprovalDecision = { by: Person; code: string };

/**
 * `counted`: it counts, and so many more are missing (0: the job goes on); the same again is counted as it was.
 * `own-request`: the requester cannot approve. `wrong-code`: the job waits for the approval of another request.
 * `not-waiting`: nobody needs to approve it any more, or ever.
 */
export type ApproveAnswer =
  | { outcome: 'counted'; missing: number }
  | { outcome: 'own-request' | 'wrong-code' | 'not-waiting' | 'not-found' | 'ended' };

export type RejectAnswer = 'accepted' | 'wrong-code' | 'not-waiting' | 'not-found' | 'ended';

/** Inputs that were uploaded, or what is wrong with them: `problem.field` is `line 12`. */
export type InputsAnswer =
  | { outcome: 'stored'; sha256: string; count: number }
  | { outcome: 'refused'; problem: Problem };

/** What bot, Action and command line ask of the orchestrator. Faults (network, 5xx, 401) are thrown as `OrchestratorError`. */
export interface Jobs {
  start(request: StartRequest): Promise<StartAnswer>;
  /** @param scope `<host>/<repository id>`: get this repository's job under the id, which may have a different id of its own */
  get(id: string, scope?: string): Promise<Job | undefined>;
  /** One page, newest first. */
  page(filter: JobFilter): Promise<JobPage>;
  cancel(id: string, by: string, scope?: string): Promise<CancelAnswer>;
  approve(id: string, verdict: ApprovalDecision): Promise<ApproveAnswer>;
  reject(id: string, verdict: ApprovalDecision & { reason: string | null }): Promise<RejectAnswer>;
  /** The end of a task's log, at most so many bytes; undefined if there is no such job, or no log yet. */
  log(id: string, bytes: number): Promise<JobLog | undefined>;
  /** Stores inputs for a compute job: one JSON value a line. The same text is stored once. */
  putInputs(text: string): Promise<InputsAnswer>;
  tasks(): Promise<TaskList>;
}

/** What became of taking a lock by hand. `yours`: this person had it already. */
export type LockAnswer = { outcome: 'taken' | 'yours' | 'held'; lock: Lock };

/** `held`: by a job, or by another person and `force` was not given. */
export type UnlockAnswer =
  | { outcome: 'released' }
  | { outcome: 'not-locked' }
  | { outcome: 'held'; lock: Lock };

/** Locks that jobs wait for. Faults as with `Jobs`. */
export interface Locks {
  /**
   * The locks of a scope that somebody has. `owner`: as a reader of this repository, `<host>/<repository id>`, may see them, and of the
   * scope `tasks` only those that its jobs have or wait for.
   */
  list(scope: string, owner?: string): Promise<Lock[]>;
  take(lock: { scope: string; key: string; by: Person; reason: string | null }): Promise<LockAnswer>;
  /** Lets go of a lock that a person has; `force`: also of another person's. */
  release(lock: { scope: string; key: string; by: Person; force: boolean }): Promise<UnlockAnswer>;
}

/** Leases: of all processes that ask for one name, one has it at a time. Faults as with `Jobs`. */
export interface Leases {
  /**
   * Takes or renews a lease for so many seconds. False while another holder has it.
   * @param options `takeOver`: also takes a claim from a caller without `"entry": true`; only the platform and entries can use it
   */
  take(name: string, holder: string, seconds: number, options?: { takeOver: boolean }): Promise<boolean>;
  /** Gives it back, if it is this holder's. */
  release(name: string, holder: string): Promise<void>;
}
