import * as v from 'valibot';
import { CallerName } from '../formats/caller.ts';
import type { LockCondition } from '../formats/conditions.ts';
import { ComputeRequest, TaskRequest } from '../formats/request.ts';

const shared = {
  v: v.literal(1),
  /** When the request was accepted, ISO 8601; without conditions its timeout counts from then. */
  acceptedAt: v.pipe(v.string(), v.isoTimestamp()),
  /** Null for a job of an older version. */
  startedBy: v.nullish(CallerName),
};

/** What a `ComputeOrchestrator` is started with. */
export const ComputeJob = v.object({
  ...shared,
  kind: v.literal('compute'),
  /** As it was asked for. */
  request: ComputeRequest,
  /** The algorithm's parameters as its schema reads them, defaults filled in. */
  parameters: v.record(v.string(), v.unknown()),
});
export type ComputeJob = v.InferOutput<typeof ComputeJob>;

/** What a `TaskOrchestrator` is started with. Values of secret parameters stand here, and only here. */
export const TaskJob = v.object({
  ...shared,
  kind: v.literal('task'),
  request: TaskRequest,
  /** Names of the parameters whose values no view shows. */
  secrets: v.array(v.string()),
});
export type TaskJob = v.InferOutput<typeof TaskJob>;

export const JobInput = v.variant('kind', [ComputeJob, TaskJob]);
export type JobInput = v.InferOutput<typeof JobInput>;

/** The locks that a job needs. */
export const locksOf = ({ request }: JobInput): LockCondition[] => request.conditions?.locks ?? [];

/** The orchestration that runs a job, by its kind. */
export const orchestrators = {
  compute: 'ComputeOrchestrator',
  task: 'TaskOrchestrator',
} as const satisfies Record<JobInput['kind'], string>;
