import * as v from 'valibot';
import type { Algorithm } from '../../algorithms/algorithm.ts';

export type PreparedAlgorithm = { algorithm: Algorithm; parameters: unknown };

/** A job's algorithm and its parameters, as the algorithm reads them. @throws if this app does not have it (any more) */
export const prepareAlgorithm = (
  algorithms: ReadonlyMap<string, Algorithm>,
  job: { algorithm: string; parameters: Record<string, unknown> },
): PreparedAlgorithm => {
  const algorithm = algorithms.get(job.algorithm);
  if (!algorithm) throw new Error(`There is no algorithm ${JSON.stringify(job.algorithm)} here`);
  return { algorithm, parameters: v.parse(algorithm.parameters, job.parameters) };
};
