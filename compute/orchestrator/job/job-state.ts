import * as v from 'valibot';
import { CallerName } from '../../../contracts/caller.ts';
import { LockCondition, Approval, WaitReason, Person } from '../../../contracts/conditions.ts';
import { ComputeRequest, TaskRequest } from '../../../contracts/job-request.ts';
import { finalStates, FailedBlock, linkNames, jobReasons } from '../../../contracts/job.ts';

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

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Blocks, by their verdicts. */
export const BlockCounts = v.object({ done: count, failed: count, total: count });
export type BlockCounts = v.InferOutput<typeof BlockCounts>;

const approvals = v.optional(v.array(Approval), []);

/** A job orchestration's custom status, as far as a view reads it. */
export const JobStatus = v.object({
  /** When its work began; null while it waits. */
  startedAt: v.nullable(v.string()),
  waiting: v.optional(v.nullable(WaitReason), null),
  approvals,
});
export type JobStatus = v.InferOutput<typeof JobStatus>;

/** A job orchestration's output: all that a view of the ended job needs. */
export const JobOutput = v.object({
  v: v.literal(1),
  state: v.picklist(finalStates),
  reason: v.nullable(v.picklist(jobReasons)),
  message: v.nullable(v.string()),
  /** Null for a task. */
  counts: v.nullable(BlockCounts),
  result: v.unknown(),
  failures: v.array(FailedBlock),
  endedBy: v.nullable(v.string()),
  endedVia: v.nullish(CallerName),
  approvals,
  /** Null if its work never began. */
  startedAt: v.nullable(v.string()),
  endedAt: v.string(),
  /** The output blobs that exist. */
  links: v.array(v.picklist(linkNames)),
});
export type JobOutput = v.InferOutput<typeof JobOutput>;

/** What somebody says to a job that waits for approval: the data of an `Approval` event, which anybody with a system key can raise. */
export const ApprovalVerdict = v.object({
  decision: v.picklist(['approve', 'reject']),
  by: Person,
  /** The caller that names this person. */
  via: v.nullish(CallerName),
  /** Of the request that is meant. */
  code: v.string(),
  reason: v.optional(v.nullable(v.string()), null),
});
export type ApprovalVerdict = v.InferOutput<typeof ApprovalVerdict>;
