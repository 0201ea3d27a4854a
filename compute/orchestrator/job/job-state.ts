import * as v from 'valibot';
import { CallerName } from '../../../contracts/caller.ts';
import { LockCondition } from '../../../contracts/conditions.ts';
import { ComputeRequest, TaskRequest } from '../../../contracts/job-request.ts';

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
  /** The locks in the definition when the job was started; missing in a job of an older version. */
  locks: v.optional(v.array(LockCondition)),
});
export type TaskJob = v.InferOutput<typeof TaskJob>;

export const JobInput = v.variant('kind', [ComputeJob, TaskJob]);
export type JobInput = v.InferOutput<typeof JobInput>;

/**
 * Returns the locks that a job needs: those of its request, then those of its task's definition. A request for one of the latter
 * cannot give it more slots.
 */
export const getRequiredLocks = (input: JobInput): LockCondition[] => {
  const requested = input.request.conditions?.locks ?? [];
  const defined = (input.kind === 'task' && input.locks) || [];
  const isSame = (a: LockCondition, b: LockCondition) => a.scope === b.scope && a.key === b.key;
  const getFewestSlots = (lock: LockCondition) =>
    Math.min(lock.slots, ...requested.filter((other) => isSame(other, lock)).map(({ slots }) => slots));
  return [
    ...requested.filter((lock) => !defined.some((other) => isSame(other, lock))),
    ...defined.map((lock) => ({ ...lock, slots: getFewestSlots(lock) })),
  ];
};

/** The orchestration that runs a job, by its kind. */
export const orchestrators = {
  compute: 'ComputeOrchestrator',
  task: 'TaskOrchestrator',
} as const satisfies Record<JobInput['kind'], string>;
