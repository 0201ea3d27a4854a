import * as v from 'valibot';
import { FailedBlock } from './job.ts';
import { JobId } from './ids.ts';
import { nonNegativeInteger } from './json-values.ts';

/** A line of `manifest.jsonl`: which verdict a block has, where, and its bytes. */
export const ManifestLine = v.object({
  block: nonNegativeInteger,
  state: v.picklist(['done', 'failed']),
  path: v.string(),
  bytes: nonNegativeInteger,
  /** Lowercase hex, of the output blob's bytes. */
  sha256: v.string(),
});
export type ManifestLine = v.InferOutput<typeof ManifestLine>;

/** A partial: one batch's combined output, its counts, its part of the manifest. */
export const BatchPartial = v.object({
  v: v.literal(1),
  job: JobId,
  batch: v.string(),
  done: nonNegativeInteger,
  failed: nonNegativeInteger,
  /** What the algorithm's `combine` made of the outputs that are done; null if none is. */
  combined: v.unknown(),
  /** What `combine` threw, if it did: then there is nothing combined, and the job ends as `reduce-failed`. */
  error: v.optional(v.string()),
  manifest: v.array(ManifestLine),
  /** The batch's first failed blocks, at most 10. */
  failures: v.array(FailedBlock),
});
export type BatchPartial = v.InferOutput<typeof BatchPartial>;

/** `result.json` of a compute job: written last, it is the commit. */
export const ComputeResult = v.object({
  v: v.literal(1),
  job: JobId,
  kind: v.literal('compute'),
  algorithm: v.string(),
  parameters: v.record(v.string(), v.unknown()),
  blocks: v.object({ done: nonNegativeInteger, failed: nonNegativeInteger, total: nonNegativeInteger }),
  /** `sha256`: of the inputs that were uploaded, if they were. */
  inputs: v.object({ total: nonNegativeInteger, sha256: v.optional(v.string()) }),
  /** What the algorithm's `finish` made; null if all blocks failed. */
  result: v.unknown(),
});
export type ComputeResult = v.InferOutput<typeof ComputeResult>;
