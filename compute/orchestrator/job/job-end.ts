import * as v from 'valibot';
import { CallerName } from '../../../contracts/caller.ts';
import { Approval, Waiting } from '../../../contracts/conditions.ts';
import { endStates, FailedBlock, linkNames, reasons } from '../../../contracts/job.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Blocks, by their verdicts. */
export const Counts = v.object({ done: count, failed: count, total: count });
export type Counts = v.InferOutput<typeof Counts>;

const approvals = v.optional(v.array(Approval), []);

/** A job orchestration's custom status, as far as a view reads it. */
export const JobStatus = v.object({
  /** When its work began; null while it waits. */
  startedAt: v.nullable(v.string()),
  waiting: v.optional(v.nullable(Waiting), null),
  approvals,
});
export type JobStatus = v.InferOutput<typeof JobStatus>;

/** A job orchestration's output: all that a view of the ended job needs. */
export const JobEnd = v.object({
  v: v.literal(1),
  state: v.picklist(endStates),
  reason: v.nullable(v.picklist(reasons)),
  message: v.nullable(v.string()),
  /** Null for a task. */
  counts: v.nullable(Counts),
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
export type JobEnd = v.InferOutput<typeof JobEnd>;
