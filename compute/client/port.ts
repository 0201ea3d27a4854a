import type { Job, JobPage, JobState } from '../formats/job.ts';
import type { Problem } from '../formats/problem.ts';
import type { ComputeRequest, TaskRequest } from '../formats/request.ts';
import type { TaskList } from '../formats/definition.ts';

type Loose<T> = { [K in keyof T]?: T[K] | undefined };

/** A request to start a job, as a caller writes it: what has a default may be left out. */
export type StartRequest =
  | ({ kind: 'compute'; inputCount: number } & Loose<Omit<ComputeRequest, 'inputCount'>>)
  | ({ kind: 'task'; taskName: string } & Loose<Omit<TaskRequest, 'taskName'>>);

/**
 * The answer to a start. `started`: this call began it. `known`: the id is there already, in whatever state,
 * and nothing runs again. `conflict`: the id belongs to another request. `refused`: the request is wrong.
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
  /** Jobs a page, at most 500. */
  top?: number;
  continue?: string;
};

/** Accepted: it will end as canceled. Ended: it had ended before. */
export type CancelAnswer = 'accepted' | 'not-found' | 'ended';

/** What bot, Action and command line ask of the orchestrator. Faults (network, 5xx, 401) are thrown as `OrchestratorFault`. */
export interface Jobs {
  start(request: StartRequest): Promise<StartAnswer>;
  get(id: string): Promise<Job | undefined>;
  /** One page, newest first. */
  page(filter: JobFilter): Promise<JobPage>;
  cancel(id: string, by: string): Promise<CancelAnswer>;
  tasks(): Promise<TaskList>;
}
