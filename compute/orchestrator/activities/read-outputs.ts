import { hash } from 'node:crypto';
import * as v from 'valibot';
import { BlockResult } from '../../../contracts/block.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { parseExactJson } from '../../../contracts/exact-json.ts';
import { outputPath } from '../../../contracts/blob-paths.ts';
import { parseInput, parseJson } from '../../../contracts/problem.ts';
import type { ManifestLine } from '../../../contracts/compute-result.ts';
import type { Blobs } from '../../storage/port.ts';
import type { Algorithm } from '../../algorithms/algorithm.ts';
import { getInputRange, type BatchPlan } from '../job/batch-plan.ts';
import type { ConcurrencyLimit } from '../../../runtime/async/concurrency.ts';

/** A block's output blob, read: its verdict and its line of the manifest. */
export type BlockOutput = { verdict: BlockResult; line: ManifestLine };

/** Reads the outputs of blocks, in their order; undefined where there is none. */
export const readOutputs = (
  blobs: Blobs,
  limit: ConcurrencyLimit,
  plan: BatchPlan,
  algorithm: Algorithm,
  blocks: readonly number[],
): Promise<(BlockOutput | undefined)[]> =>
  Promise.all(
    blocks.map(async (block) => {
      const path = outputPath(plan.job, block);
      const body = await limit(() => blobs.get(path));
      return body && toOutput(plan, algorithm, block, path, body);
    }),
  );

const toOutput = (
  plan: BatchPlan,
  algorithm: Algorithm,
  block: number,
  path: string,
  body: Buffer,
): BlockOutput => {
  const verdict = parseVerdict(plan, algorithm, block, body.toString());
  const sha256 = hash('sha256', body);
  return { verdict, line: { block, state: verdict.state, path, bytes: body.length, sha256 } };
};

/**
 * What a worker wrote is a verdict only if it has the form of one, is on this block, and its output is one of the algorithm's on
 * the block's inputs; else the block has failed.
 */
const parseVerdict = (plan: BatchPlan, algorithm: Algorithm, block: number, text: string): BlockResult => {
  const { job } = plan;
  const invalid = (message: string): BlockResult => toFailure(job, block, 'output-invalid', message);
  const parse = algorithm.keepsDigits ? parseExactJson : JSON.parse;
  const verdict = parseJson(BlockResult, text, 'invalid-json', parse);
  if (!verdict.ok) return invalid(verdict.problem.message);
  const { value } = verdict;
  if (value.job !== job || value.block !== block) return invalid('the output is that of another block');
  if (value.state === 'failed') return toFailure(job, block, value.error.code, value.error.message);
  const output = parseInput(v.object({ output: algorithm.output(getInputRange(plan, block)) }), value);
  return output.ok ? value : invalid(output.problem.message);
};

/** A failed verdict whose texts, which may be anybody's, are cut. */
const toFailure = (job: JobId, block: number, code: string, message: string): BlockResult => ({
  v: 1,
  job,
  block,
  state: 'failed',
  error: { code: code.slice(0, 60), message: message.slice(0, 1_000) },
});
