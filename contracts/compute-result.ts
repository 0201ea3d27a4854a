import * as v from 'valibot';
import { FailedBlock } from './job.ts';
import { JobId } from './ids.ts';
import { nonNegativeInteger } from './json-values.ts';

/** A line of `manifest.jsonl`: the state of a block's result, and its blob. */
export const ManifestLine = v.object({
  block: nonNegativeInteger,
  state: v.picklist(['done', 'failed']),
  path: v.string(),
  bytes: nonNegativeInteger,
  /** The hash of the output blob's bytes, in lowercase hex. */
  sha256: v.string(),
});
export type ManifestLine = v.InferOutput<typeof ManifestLine>;

/** The partial result of a batch: its combined output, its counts and its part of the manifest. */
export const BatchPartial = v.object({
  v: v.literal(1),
  job: JobId,
  batch: v.string(),
  done: nonNegativeInteger,
  failed: nonNegativeInteger,
  /** The outputs of all blocks that are done, joined by the algorithm's `combine`; null if there are none. */
  combined: v.unknown(),
  /** The error of `combine`, if it threw: then nothing is combined, and the job ends as `reduce-failed`. */
  error: v.optional(v.string()),
  manifest: v.array(ManifestLine),
  /** The batch's first failed blocks, at most 10. */
  failures: v.array(FailedBlock),
});
export type BatchPartial = v.InferOutput<typeof BatchPartial>;

/** `result.json` of a compute job. It is written last: it is the commit. */
export const ComputeResult = v.object({
  v: v.literal(1),
  job: JobId,
  kind: v.literal('compute'),
  algorithm: v.string(),
  parameters: v.record(v.string(), v.unknown()),
  blocks: v.object({ done: nonNegativeInteger, failed: nonNegativeInteger, total: nonNegativeInteger }),
  /** `sha256`: the hash of uploaded inputs. */
  inputs: v.object({ total: nonNegativeInteger, sha256: v.optional(v.string()) }),
  /** The value of the algorithm's `finish`; null if all blocks failed. */
  result: v.unknown(),
});
export type ComputeResult = v.InferOutput<typeof ComputeResult>;
