import * as v from 'valibot';
import type { Algorithm } from '../../algorithms/algorithm.ts';

export type PreparedAlgorithm = { algorithm: Algorithm; parameters: unknown };

/** Returns a job's algorithm and its parameters as the algorithm parses them. @throws if this app does not have the algorithm */
export const prepareAlgorithm = (
  algorithms: ReadonlyMap<string, Algorithm>,
  job: { algorithm: string; parameters: Record<string, unknown> },
): PreparedAlgorithm => {
  const algorithm = algorithms.get(job.algorithm);
  if (!algorithm) throw new Error(`This app does not have the algorithm ${JSON.stringify(job.algorithm)}`);
  return { algorithm, parameters: v.parse(algorithm.parameters, job.parameters) };
};
