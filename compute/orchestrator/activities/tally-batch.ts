import { inputPath } from '../../../contracts/blob-paths.ts';
import { blocksOf, type BatchPlan } from '../job/batch-plan.ts';
import { algorithmOf } from './prepare-algorithm.ts';
import type { Dependencies } from './dependencies.ts';
import { listBatch } from './list-outputs.ts';
import { readOutputs } from './read-outputs.ts';

/** Counts the verdicts of a batch that stops, and deletes its inputs: a message that is still about is then dropped. */
export const tallyBatch =
  ({ storage, algorithms, limit }: Dependencies) =>
  async ({ plan }: { plan: BatchPlan }): Promise<{ done: number; failed: number }> => {
    await storage.blobs.delete(blocksOf(plan).map((block) => inputPath(plan.job, block)));
    const { algorithm } = algorithmOf(algorithms, plan);
    const listed = await listBatch(storage.blobs, plan);
    const outputs = await readOutputs(storage.blobs, limit, plan, algorithm, listed);
    const done = outputs.filter((output) => output?.verdict.state === 'done').length;
    return { done, failed: outputs.filter(Boolean).length - done };
  };
