import { inputPath } from '../../../contracts/blob-paths.ts';
import { listBlocks, type BatchPlan } from '../job/batch-plan.ts';
import { prepareAlgorithm } from './prepare-algorithm.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { listOutputs } from './list-outputs.ts';
import { readOutputs } from './read-outputs.ts';

/** Counts the verdicts of a batch that stops, and deletes its inputs: a message that is still about is then dropped. */
export const countVerdicts =
  ({ storage, algorithms, limitStorage }: ActivityDependencies) =>
  async ({ plan }: { plan: BatchPlan }): Promise<{ done: number; failed: number }> => {
    await storage.blobs.delete(listBlocks(plan).map((block) => inputPath(plan.job, block)));
    const { algorithm } = prepareAlgorithm(algorithms, plan);
    const listed = await listOutputs(storage.blobs, plan);
    const outputs = await readOutputs(storage.blobs, limitStorage, plan, algorithm, listed);
    const done = outputs.filter((output) => output?.verdict.state === 'done').length;
    return { done, failed: outputs.filter(Boolean).length - done };
  };
