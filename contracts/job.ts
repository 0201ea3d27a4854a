import * as v from 'valibot';
import { CallerName } from './caller.ts';
import { Approval, WaitReason } from './conditions.ts';
import { JobId } from './ids.ts';
import { nonNegativeInteger } from './json-values.ts';
import { Origin } from './origin.ts';
import { TaskFiles } from './task-files.ts';

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

/** The states in which a job no longer changes. */
export const finalStates = [
  'completed',
  'completed-with-failures',
  'failed',
  'canceled',
  'timed-out',
] as const satisfies readonly JobState[];
export const hasEnded = (state: JobState): boolean => (finalStates as readonly JobState[]).includes(state);

/** Why a job ended in another state than `completed`. */
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

/** The output blobs to which a reply can link. */
export const linkNames = ['result', 'manifest', 'outputs', 'log'] as const;
export type LinkName = (typeof linkNames)[number];
const link = v.object({ path: v.string(), url: v.string() });

/** The blocks of a compute job. `workers` is null if they are not counted. */
export const BlockProgress = v.object({
  done: nonNegativeInteger,
  failed: nonNegativeInteger,
  total: nonNegativeInteger,
  workers: v.nullable(nonNegativeInteger),
});
export type BlockProgress = v.InferOutput<typeof BlockProgress>;

/** A failed block, with its reason. */
export const FailedBlock = v.object({ block: nonNegativeInteger, code: v.string(), message: v.string() });
export type FailedBlock = v.InferOutput<typeof FailedBlock>;

/** The result of a task's script. */
export const TaskResult = v.object({
  exitCode: v.nullable(v.number()),
  signal: v.nullable(v.string()),
  timedOut: v.boolean(),
  /** The last lines of the log, at most 8 KiB; null without a log. */
  logTail: v.nullable(v.string()),
});
export type TaskResult = v.InferOutput<typeof TaskResult>;

/** The launch of a task's runner. `waitingFor`: what the launch waits for, as a noun phrase; null while the runner starts. */
export const JobLaunch = v.object({
  waitingFor: v.nullable(v.string()),
  /** The time when the job began to launch its runner. */
  since: v.string(),
});
export type JobLaunch = v.InferOutput<typeof JobLaunch>;

/** A job in `GET /api/jobs`, without system keys. */
export const Job = v.object({
  v: v.literal(1),
  id: JobId,
  kind: v.picklist(['compute', 'task']),
  state: v.picklist(jobStates),
  reason: v.nullable(v.picklist(jobReasons)),
  /** A sentence with details of the reason. */
  message: v.nullable(v.string()),
  /** The request: `{algorithm, inputCount, parameters, blockSize}` or `{taskName, parameters}`, secrets masked. */
  request: v.record(v.string(), v.unknown()),
  /** Null for a task. */
  progress: v.nullable(BlockProgress),
  origin: Origin,
  /** The caller that started the job; `you`: whether it is the caller of this request. Null for a job of an older version. */
  startedBy: v.nullish(v.object({ ...CallerName.entries, you: v.optional(v.boolean(), false) })),
  createdAt: v.string(),
  startedAt: v.nullable(v.string()),
  updatedAt: v.string(),
  endedAt: v.nullable(v.string()),
  /** The `result` of a compute job (null if larger than 16 KiB; then it is only in the linked blob), or a `TaskResult`. */
  result: v.unknown(),
  /** The last lines of a running task's log, at most 5 and 2 KiB; null if there are none yet, missing in lists. */
  lastLines: v.optional(v.nullable(v.string())),
  /** The first failed blocks, at most 10. */
  failures: v.array(FailedBlock),
  /** The name of the person who canceled or rejected the job. */
  endedBy: v.nullable(v.string()),
  /** The caller that named this person. */
  endedVia: v.nullish(CallerName),
  /** Why its state is `waiting`. */
  waiting: v.optional(v.nullable(WaitReason), null),
  /** The launch of a task's runner, while the script has not started and its state is `running`. Missing in an answer of an older version. */
  launch: v.optional(v.nullable(JobLaunch)),
  /** The approvals, in order. */
  approvals: v.optional(v.array(Approval), []),
  /** The job whose failed blocks, or whose task, this one runs again. */
  retryOf: v.optional(v.nullable(JobId), null),
  /** The output blobs by name, each with its own read SAS; null until there are any. */
  links: v.nullable(v.partial(v.object({ result: link, manifest: link, outputs: link, log: link }))),
  /** The files that a task delivered; null if there are none. Missing in an answer of an older version. */
  files: v.nullish(TaskFiles),
});
export type Job = v.InferOutput<typeof Job>;

/** The answer of `GET /api/jobs/{id}/log`: the last lines of a task's log. */
export const JobLog = v.object({
  v: v.literal(1),
  id: JobId,
  text: v.string(),
  /** The size of the whole log so far, in bytes. */
  bytes: nonNegativeInteger,
  /** Whether `text` is only a part of the log. */
  truncated: v.boolean(),
});
export type JobLog = v.InferOutput<typeof JobLog>;

/** The answer of `GET /api/jobs`: `now` is the orchestrator's time, `continue` the value for the next page. */
export const JobPage = v.object({
  v: v.literal(1),
  now: v.string(),
  jobs: v.array(Job),
  continue: v.nullable(v.string()),
});
export type JobPage = v.InferOutput<typeof JobPage>;
