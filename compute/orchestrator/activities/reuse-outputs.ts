import { Verdict } from '../../../contracts/block.ts';
import { parseExactJson } from '../../../contracts/exact-json.ts';
import { outputPath, partialOutputsPath } from '../../../contracts/blob-paths.ts';
import { readJson } from '../../../contracts/problem.ts';
import type { BatchPlan } from '../job/batch-plan.ts';
import { algorithmOf } from './prepare-algorithm.ts';
import type { Dependencies } from './dependencies.ts';
import { readOutputs } from './read-outputs.ts';

/**
 * Writes those of the missing blocks that are done in the job that this one is a retry of, if it is one, as outputs of this job.
 * Answers with the blocks that have an output now.
 */
export const takeOver = async (
  dependencies: Dependencies,
  plan: BatchPlan,
  missing: readonly number[],
): Promise<number[]> => {
  const { retryOf, job } = plan;
  if (retryOf === undefined) return [];
  const { storage, limit } = dependencies;
  const wanted = new Set(missing);
  const verdicts = await verdictsOf(dependencies, { ...plan, job: retryOf }, missing);
  const done = verdicts.filter(({ state, block }) => state === 'done' && wanted.has(block));
  const take = (verdict: Verdict) =>
    storage.blobs.putOnce(outputPath(job, verdict.block), JSON.stringify({ ...verdict, job }));
  await Promise.all(done.map((verdict) => limit(() => take(verdict))));
  return done.map(({ block }) => block);
};

/** The verdicts of an ended job's batch: as they were combined, or the outputs of a batch that was not. */
const verdictsOf = async (
  { storage: { blobs }, algorithms, limit }: Dependencies,
  plan: BatchPlan,
  blocks: readonly number[],
): Promise<Verdict[]> => {
  const combined = await limit(() => blobs.get(partialOutputsPath(plan.job, plan.batch)));
  if (combined) return combined.toString().split('\n').flatMap(verdictOf);
  const { algorithm } = algorithmOf(algorithms, plan);
  const outputs = await readOutputs(blobs, limit, plan, algorithm, blocks);
  return outputs.flatMap((output) => output?.verdict ?? []);
};

const verdictOf = (line: string): Verdict[] => {
  const verdict = readJson(Verdict, line, 'invalid-json', parseExactJson);
  return verdict.ok ? [verdict.value] : [];
};
