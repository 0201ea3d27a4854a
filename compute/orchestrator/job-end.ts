import * as v from 'valibot';
import { endStates, FailedBlock, linkNames, reasons } from '../formats/job.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Blocks, by their verdicts. */
export const Counts = v.object({ done: count, failed: count, total: count });
export type Counts = v.InferOutput<typeof Counts>;

/** A job orchestration's custom status, as far as a view reads it. */
export const JobStatus = v.object({ startedAt: v.string() });

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
  startedAt: v.string(),
  endedAt: v.string(),
  /** The output blobs that exist. */
  links: v.array(v.picklist(linkNames)),
});
export type JobEnd = v.InferOutput<typeof JobEnd>;
