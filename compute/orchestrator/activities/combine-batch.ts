import { toBatchId } from '../../../contracts/ids.ts';
import { inputPath, partialOutputsPath, partialPath } from '../../../contracts/blob-paths.ts';
import type { BatchPartial } from '../../../contracts/compute-result.ts';
import type { Algorithm } from '../../algorithms/algorithm.ts';
import type { Blobs } from '../../storage/port.ts';
import { listBlocks, type BatchPlan } from '../job/batch-plan.ts';
import { toErrorText } from '../text.ts';
import { addParameters } from './parameters.ts';
import { prepareAlgorithm } from './prepare-algorithm.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { readOutputs, type BlockOutput } from './read-outputs.ts';

/** `missing`: blocks without an output. Then nothing was written. */
export type CombineResult = { done: number; failed: number } | { missing: number[] };

/** The maximum number of failed blocks in a partial and in a job's output. */
export const maxFailures = 10;

/**
 * Combines a batch's outputs, in block order, into its partial, and writes its part of `outputs.jsonl`. Then deletes the inputs of the
 * blocks that are done.
 */
export const combineBatch =
  (dependencies: ActivityDependencies) =>
  async ({ plan: carried }: { plan: BatchPlan }): Promise<CombineResult> => {
    const { blobs } = dependencies.storage;
    const plan = await addParameters(blobs, carried.job, carried);
    const { algorithm } = prepareAlgorithm(dependencies.algorithms, plan);
    const blocks = listBlocks(plan);
    const found = await readOutputs(dependencies, plan, blocks);
    const missing = blocks.filter((_, n) => !found[n]);
    if (missing.length > 0) return { missing };
    const outputs = found.filter((output) => output !== undefined);
    const partial = await writePartial(blobs, plan, outputs, algorithm);
    const done = partial.manifest.filter(({ state }) => state === 'done');
    await blobs.delete(done.map(({ block }) => inputPath(plan.job, block)));
    return { done: partial.done, failed: partial.failed };
  };

/** Writes a batch's partial and its part of `outputs.jsonl`: of all its blocks, or of those that ended before their job was stopped. */
export const writePartial = async (
  blobs: Blobs,
  plan: BatchPlan,
  outputs: readonly BlockOutput[],
  algorithm: Algorithm,
): Promise<BatchPartial> => {
  const partial = buildPartial(plan, outputs, algorithm);
  const lines = outputs.map(({ verdict }) => `${JSON.stringify(verdict)}\n`).join('');
  await blobs.put(partialOutputsPath(plan.job, plan.batch), lines, 'application/x-ndjson');
  await blobs.put(partialPath(plan.job, plan.batch), JSON.stringify(partial), 'application/json');
  return partial;
};

const buildPartial = (
  plan: BatchPlan,
  outputs: readonly BlockOutput[],
  algorithm: Algorithm,
): BatchPartial => {
  const verdicts = outputs.map(({ verdict }) => verdict);
  const failed = verdicts.filter((verdict) => verdict.state === 'failed');
  const done = verdicts.filter((verdict) => verdict.state === 'done').map(({ output }) => output);
  return {
    v: 1,
    job: plan.job,
    batch: toBatchId(plan.job, plan.batch),
    done: done.length,
    failed: failed.length,
    ...combineAll(algorithm, done),
    manifest: outputs.map(({ line }) => line),
    failures: failed.slice(0, maxFailures).map(({ block, error }) => ({ block, ...error })),
  };
};

/** Combines outputs from left to right. An error of `combine` is the algorithm's fault, and not retried. */
const combineAll = (
  algorithm: Algorithm,
  outputs: readonly unknown[],
): { combined: unknown; error?: string } => {
  try {
    const [first = null, ...rest] = outputs;
    return { combined: rest.reduce((left, right) => algorithm.combine(left, right), first) };
  } catch (thrown) {
    return { combined: null, error: toErrorText(thrown) };
  }
};
