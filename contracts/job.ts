import * as v from 'valibot';
import { CallerName } from './caller.ts';
import { Approval, WaitReason } from './conditions.ts';
import { JobId } from './ids.ts';
import { nonNegativeInteger } from './json-values.ts';
import { Origin } from './origin.ts';

export const jobStates = [
  'queued',
  'waiting',
  'running',
  'completed',
  'completed-with-failures',
  'failed',
  'canceled',
  'timed-out',
] as const;
export type JobState = (typeof jobStates)[number];

/** The states in which a job does not change any more. */
export const finalStates = [
  'completed',
  'completed-with-failures',
  'failed',
  'canceled',
  'timed-out',
] as const satisfies readonly JobState[];
export const hasEnded = (state: JobState): boolean => (finalStates as readonly JobState[]).includes(state);

/** Why a job ended otherwise than `completed`: one for each end. */
export const jobReasons = [
  'blocks-failed',
  'all-blocks-failed',
  'reduce-failed',
  'script-failed',
  'script-missing',
  'definition-invalid',
  'runner-lost',
  'launch-failed',
  'canceled-by-user',
  'rejected',
  'approval-expired',
  'lock-taken',
  'deadline',
  'terminated',
  'internal',
] as const;
export type JobReason = (typeof jobReasons)[number];

/** The output blobs a reply may link to. */
export const linkNames = ['result', 'manifest', 'outputs', 'log'] as const;
export type LinkName = (typeof linkNames)[number];
const link = v.object({ path: v.string(), url: v.string() });

/** Blocks of a compute job; `workers` is null where nobody counts them. */
export const JobProgress = v.object({
  done: nonNegativeInteger,
  failed: nonNegativeInteger,
  total: nonNegativeInteger,
  workers: v.nullable(nonNegativeInteger),
});
export type JobProgress = v.InferOutput<typeof JobProgress>;

/** A block that failed, and why. */
export const FailedBlock = v.object({ block: nonNegativeInteger, code: v.string(), message: v.string() });
export type FailedBlock = v.InferOutput<typeof FailedBlock>;

/** What is known of a task's script once it has ended. */
export const TaskResult = v.object({
  exitCode: v.nullable(v.number()),
  signal: v.nullable(v.string()),
  timedOut: v.boolean(),
  /** The end of the log, at most 8 KiB, cut at a line; null if there is none. */
  logTail: v.nullable(v.string()),
});
export type TaskResult = v.InferOutput<typeof TaskResult>;

/** A job as `GET /api/jobs` shows it: our own view, without any system key. */
export const Job = v.object({
  v: v.literal(1),
  id: JobId,
  kind: v.picklist(['compute', 'task']),
  state: v.picklist(jobStates),
  reason: v.nullable(v.picklist(jobReasons)),
  /** One sentence on the reason, where there is more to say than its code. */
  message: v.nullable(v.string()),
  /** What was asked for: `{algorithm, inputCount, parameters, blockSize}` or `{taskName, parameters}`, secrets masked. */
  request: v.record(v.string(), v.unknown()),
  /** Null for a task. */
  progress: v.nullable(JobProgress),
  origin: Origin,
  /** The caller that started it; `you`: it is the caller of this view. Null for a job of an older version. */
  startedBy: v.nullish(v.object({ ...CallerName.entries, you: v.optional(v.boolean(), false) })),
  createdAt: v.string(),
  startedAt: v.nullable(v.string()),
  updatedAt: v.string(),
  endedAt: v.nullable(v.string()),
  /** A compute job's `result` (null if larger than 16 KiB: then only the link has it), or a `TaskResult`. */
  result: v.unknown(),
  /** The first failed blocks, at most 10. */
  failures: v.array(FailedBlock),
  /** Who canceled or rejected it. */
  endedBy: v.nullable(v.string()),
  /** The caller that named the person who canceled or rejected it. */
  endedVia: v.nullish(CallerName),
  /** What it waits for while its state is `waiting`. */
  waiting: v.optional(v.nullable(WaitReason), null),
  /** Who approved it, in their order. */
  approvals: v.optional(v.array(Approval), []),
  /** The job whose failed blocks, or whose task, this one runs again. */
  retryOf: v.optional(v.nullable(JobId), null),
  /** Output blobs by name, each by its own read SAS; null until there are any. */
  links: v.nullable(v.partial(v.object({ result: link, manifest: link, outputs: link, log: link }))),
});
export type Job = v.InferOutput<typeof Job>;

/** The answer of `GET /api/jobs/{id}/log`: the end of a task's log, cut at a line. */
export const JobLog = v.object({
  v: v.literal(1),
  id: JobId,
  text: v.string(),
  /** Bytes of the whole log so far. */
  bytes: nonNegativeInteger,
  /** Whether `text` is not the whole. */
  truncated: v.boolean(),
});
export type JobLog = v.InferOutput<typeof JobLog>;

/** The answer of `GET /api/jobs`: `now` is the orchestrator's clock, `continue` asks for the next page. */
export const JobPage = v.object({
  v: v.literal(1),
  now: v.string(),
  jobs: v.array(Job),
  continue: v.nullable(v.string()),
});
export type JobPage = v.InferOutput<typeof JobPage>;
