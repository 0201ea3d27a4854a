import * as v from 'valibot';
import { scalar } from './json-values.ts';

/** A parameter of an algorithm. `required`: it has no default; `min`, `max`: the range of a number, inclusive. */
export const AlgorithmParameter = v.object({
  name: v.string(),
  type: v.picklist(['integer', 'string']),
  required: v.boolean(),
  description: v.optional(v.string()),
  default: v.optional(scalar),
  min: v.optional(v.number()),
  max: v.optional(v.number()),
});
export type AlgorithmParameter = v.InferOutput<typeof AlgorithmParameter>;

/** An algorithm of compute jobs, as the orchestrator describes it. */
export const AlgorithmDescription = v.object({
  name: v.string(),
  description: v.string(),
  parameters: v.array(AlgorithmParameter),
  /** Whether it also accepts parameters with other names. */
  otherParameters: v.boolean(),
  /** Where its inputs come from: it generates them, they must be uploaded, or either. */
  inputs: v.picklist(['generated', 'uploaded', 'either']),
});
export type AlgorithmDescription = v.InferOutput<typeof AlgorithmDescription>;

/** What compute jobs can be requested: the algorithms, and the bounds that the orchestrator's operator sets. */
export const ComputeOffer = v.object({
  /** The algorithm of a request that names none. */
  defaultAlgorithm: v.string(),
  algorithms: v.array(AlgorithmDescription),
  limits: v.object({ inputs: v.number(), blocks: v.number(), timeoutSeconds: v.number() }),
});
export type ComputeOffer = v.InferOutput<typeof ComputeOffer>;
