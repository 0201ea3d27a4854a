import { BlockResult } from '../../../contracts/block.ts';
import { parseExactJson } from '../../../contracts/exact-json.ts';
import { outputPath, partialOutputsPath } from '../../../contracts/blob-paths.ts';
import { parseJson } from '../../../contracts/problem.ts';
import type { BatchPlan } from '../job/batch-plan.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { WithParameters } from './parameters.ts';
import { readOutputs } from './read-outputs.ts';

/**
 * Copies the outputs of missing blocks that are done in the job that this one retries, if it retries one. Returns the blocks that have
 * an output now.
 */
export const reuseOutputs = async (
  dependencies: ActivityDependencies,
  plan: WithParameters<BatchPlan>,
  missing: readonly number[],
): Promise<number[]> => {
  const { retryOf, job } = plan;
  if (retryOf === undefined) return [];
  const { storage, limitStorage } = dependencies;
  const wanted = new Set(missing);
  const verdicts = await readVerdicts(dependencies, { ...plan, job: retryOf }, missing);
  const done = verdicts.filter(({ state, block }) => state === 'done' && wanted.has(block));
  const reuse = (verdict: BlockResult) =>
    storage.blobs.putOnce(outputPath(job, verdict.block), JSON.stringify({ ...verdict, job }));
  await Promise.all(done.map((verdict) => limitStorage(() => reuse(verdict))));
  return done.map(({ block }) => block);
};

/** Returns the verdicts of an ended job's batch: the combined ones, or those in the outputs if the batch was not combined. */
const readVerdicts = async (
  dependencies: ActivityDependencies,
  plan: WithParameters<BatchPlan>,
  blocks: readonly number[],
): Promise<BlockResult[]> => {
  const { storage, limitStorage } = dependencies;
  const combined = await limitStorage(() => storage.blobs.get(partialOutputsPath(plan.job, plan.batch)));
  if (combined) return combined.toString().split('\n').flatMap(parseVerdict);
  const outputs = await readOutputs(dependencies, plan, blocks);
  return outputs.flatMap((output) => output?.verdict ?? []);
};

const parseVerdict = (line: string): BlockResult[] => {
  const verdict = parseJson(BlockResult, line, 'invalid-json', parseExactJson);
  return verdict.ok ? [verdict.value] : [];
};
