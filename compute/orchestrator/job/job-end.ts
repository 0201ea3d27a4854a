import * as v from 'valibot';
import { CallerName } from '../../../contracts/caller.ts';
import { Approval, WaitReason } from '../../../contracts/conditions.ts';
import { finalStates, FailedBlock, linkNames, jobReasons } from '../../../contracts/job.ts';

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
