import * as v from 'valibot';
import { JobId } from './ids.ts';
import { nonNegativeInteger } from './json-values.ts';

const version = v.literal(1);

/** An input blob: a pure function of the job's request. */
export const BlockInput = v.object({
  v: version,
  job: JobId,
  block: nonNegativeInteger,
  algorithm: v.string(),
  parameters: v.record(v.string(), v.unknown()),
  inputs: v.array(v.unknown()),
});
export type BlockInput = v.InferOutput<typeof BlockInput>;

/** A message of the input queue, before base64. A sender writes the first four fields. */
export const BlockMessage = v.object({
  v: version,
  job: JobId,
  block: nonNegativeInteger,
  path: v.string(),
  /** The number of deliveries after which a worker returned the message. */
  returned: v.optional(nonNegativeInteger),
  /** The number of these deliveries in which the algorithm threw. */
  failed: v.optional(nonNegativeInteger),
});
export type BlockMessage = v.InferOutput<typeof BlockMessage>;

/** The codes of a worker's failed results. `compute-failed`: five attempts threw. `gave-up`: a sixth delivery arrived. */
export const failureCodes = ['compute-failed', 'gave-up', 'input-invalid', 'unknown-algorithm'] as const;

/** An output blob: the result of a block. It is written once; the first writer wins. */
export const BlockResult = v.variant('state', [
  v.object({
    v: version,
    job: JobId,
    block: nonNegativeInteger,
    state: v.literal('done'),
    output: v.unknown(),
  }),
  v.object({
    v: version,
    job: JobId,
    block: nonNegativeInteger,
    state: v.literal('failed'),
    error: v.object({ code: v.string(), message: v.string() }),
  }),
]);
export type BlockResult = v.InferOutput<typeof BlockResult>;
