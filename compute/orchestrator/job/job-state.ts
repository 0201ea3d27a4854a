import * as v from 'valibot';
import { CallerName } from '../../../contracts/caller.ts';
import { LockCondition, Approval, WaitReason, Person } from '../../../contracts/conditions.ts';
import { ComputeRequest, TaskRequest } from '../../../contracts/job-request.ts';
import { finalStates, FailedBlock, JobLaunch, linkNames, jobReasons } from '../../../contracts/job.ts';
import { FilesRecord } from '../../../contracts/task-files.ts';

const shared = {
  v: v.literal(1),
  /** The time when the request was accepted, ISO 8601. Without conditions, the job's timeout starts then. */
  acceptedAt: v.pipe(v.string(), v.isoTimestamp()),
  /** Null for a job of an older version. */
  startedBy: v.nullish(CallerName),
};

/** The input of a `ComputeOrchestrator`. */
export const ComputeJob = v.object({
  ...shared,
  kind: v.literal('compute'),
  /** The request as it was received. */
  request: ComputeRequest,
  /** The algorithm's parameters as its schema parses them, with defaults. */
  parameters: v.record(v.string(), v.unknown()),
  /**
   * The revision of the orchestration's steps with which the job was started: `computeRevision`, or missing in a job of an older version,
   * which has neither groups of batches nor parameters by reference.
   */
  revision: v.optional(v.literal(2)),
});
export type ComputeJob = v.InferOutput<typeof ComputeJob>;

/** The revision of new compute jobs. */
export const computeRevision = 2;

/** The input of a `TaskOrchestrator`. It is the only place that has the values of secret parameters. */
export const TaskJob = v.object({
  ...shared,
  kind: v.literal('task'),
  request: TaskRequest,
  /** The names of the parameters whose values views redact. */
  secrets: v.array(v.string()),
  /** The locks in the definition when the job was started; missing in a job of an older version. */
  locks: v.optional(v.array(LockCondition)),
  /** The revision of the orchestration's steps with which the job was started: `taskRevision`, or missing in a job of an older version. */
  revision: v.optional(v.literal(2)),
});
/** The revision of new tasks. Tasks of older versions do not wait for a launch or a removal. */
export const taskRevision = 2;
export type TaskJob = v.InferOutput<typeof TaskJob>;

/** The input of a job's orchestration. */
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

/** The name of the orchestration that runs a job, by the job's kind. */
export const orchestrators = {
  compute: 'ComputeOrchestrator',
  task: 'TaskOrchestrator',
} as const satisfies Record<JobInput['kind'], string>;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The number of blocks by their verdict. */
export const BlockCounts = v.object({ done: count, failed: count, total: count });
export type BlockCounts = v.InferOutput<typeof BlockCounts>;

const approvals = v.optional(v.array(Approval), []);

/** The fields of a job orchestration's custom status that views read. */
export const JobStatus = v.object({
  /** The time when its work started; null while it waits. */
  startedAt: v.nullable(v.string()),
  waiting: v.optional(v.nullable(WaitReason), null),
  approvals,
  /** The launch of a task's runner that takes a while; null once the script has started. */
  launch: v.optional(v.nullable(JobLaunch)),
});
export type JobStatus = v.InferOutput<typeof JobStatus>;

/** What an output contains of `files.json`. */
const StoredFiles = v.omit(FilesRecord, ['v', 'job']);
export type StoredFiles = v.InferOutput<typeof StoredFiles>;

/** A job orchestration's output: everything that a view of the ended job needs. */
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
  /** Null if its work never started. */
  startedAt: v.nullable(v.string()),
  endedAt: v.string(),
  /** The output blobs that exist. */
  links: v.array(v.picklist(linkNames)),
  /** The files that a task delivered; missing in an output of an older version. */
  files: v.nullish(StoredFiles),
});
export type JobOutput = v.InferOutput<typeof JobOutput>;

/** A person's verdict on a job that waits for approval: the data of an `Approval` event, which every holder of a system key can raise. */
export const ApprovalVerdict = v.object({
  decision: v.picklist(['approve', 'reject']),
  by: Person,
  /** The caller that stated this person's name. */
  via: v.nullish(CallerName),
  /** The code of the request that the verdict is on. */
  code: v.string(),
  reason: v.optional(v.nullable(v.string()), null),
});
export type ApprovalVerdict = v.InferOutput<typeof ApprovalVerdict>;
