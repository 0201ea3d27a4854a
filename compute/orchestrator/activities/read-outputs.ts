import { hash } from 'node:crypto';
import * as v from 'valibot';
import { BlockResult } from '../../../contracts/block.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { parseExactJson } from '../../../contracts/exact-json.ts';
import { outputPath } from '../../../contracts/blob-paths.ts';
import { parseInput, parseJson } from '../../../contracts/problem.ts';
import type { ManifestLine } from '../../../contracts/compute-result.ts';
import type { Algorithm } from '../../algorithms/algorithm.ts';
import { getInputRange, type BatchPlan } from '../job/batch-plan.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { WithParameters } from './parameters.ts';
import { prepareAlgorithm } from './prepare-algorithm.ts';

/** A block's output: its verdict and its line of the manifest. */
export type BlockOutput = { verdict: BlockResult; line: ManifestLine };

/** Reads the outputs of blocks, in their order; undefined for a block without one. */
export const readOutputs = (
  { storage: { blobs }, algorithms, limitStorage }: ActivityDependencies,
  plan: WithParameters<BatchPlan>,
  blocks: readonly number[],
): Promise<(BlockOutput | undefined)[]> => {
  const { algorithm } = prepareAlgorithm(algorithms, plan);
  return Promise.all(
    blocks.map(async (block) => {
      const body = await limitStorage(() => blobs.get(outputPath(plan.job, block)));
      return body && toOutput(plan, algorithm, block, body);
    }),
  );
};

const toOutput = (plan: BatchPlan, algorithm: Algorithm, block: number, body: Buffer): BlockOutput => {
  const path = outputPath(plan.job, block);
  const verdict = parseVerdict(plan, algorithm, block, body.toString());
  const sha256 = hash('sha256', body);
  return { verdict, line: { block, state: verdict.state, path, bytes: body.length, sha256 } };
};

/**
 * Parses the verdict that a worker wrote. A verdict that is invalid, on another block, or with an output that the algorithm cannot have
 * produced from the block's inputs becomes a failed verdict.
 */
const parseVerdict = (plan: BatchPlan, algorithm: Algorithm, block: number, text: string): BlockResult => {
  const { job } = plan;
  const toInvalid = (message: string): BlockResult => toFailure(job, block, 'output-invalid', message);
  const parse = algorithm.keepsDigits ? parseExactJson : JSON.parse;
  const verdict = parseJson(BlockResult, text, 'invalid-json', parse);
  if (!verdict.ok) return toInvalid(verdict.problem.message);
  const { value } = verdict;
  if (value.job !== job || value.block !== block) return toInvalid('the output is that of another block');
  if (value.state === 'failed') return toFailure(job, block, value.error.code, value.error.message);
  const output = parseInput(v.object({ output: algorithm.output(getInputRange(plan, block)) }), value);
  return output.ok ? value : toInvalid(output.problem.message);
};

/** Returns a failed verdict with truncated texts, because their source is not trusted. */
const toFailure = (job: JobId, block: number, code: string, message: string): BlockResult => ({
  v: 1,
  job,
  block,
  state: 'failed',
  error: { code: code.slice(0, 60), message: message.slice(0, 1_000) },
});
