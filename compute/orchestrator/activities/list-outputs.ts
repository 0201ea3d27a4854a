import { parseOutputPath, outputBatchPrefix, inputPath } from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import { type BatchPlan, listBlocks } from '../job/batch-plan.ts';
import { readCancellationMarker, type JobStop } from '../job/cancellation-marker.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { prepareAlgorithm } from './prepare-algorithm.ts';
import { readOutputs } from './read-outputs.ts';

/** The blocks of a batch that have an output, in order: one listing over the batch's own prefix. */
export const listOutputs = async (
  blobs: Blobs,
  { job, batch, first, count }: BatchPlan,
): Promise<number[]> => {
  const blocks: number[] = [];
  for await (const { path } of blobs.list(outputBatchPrefix(job, batch))) {
    const block = parseOutputPath(path)?.block;
    if (block !== undefined && block >= first && block < first + count) blocks.push(block);
  }
  return blocks;
};

/** Which blocks of a batch have an output, and whether its job is to stop. */
export const pollBatch =
  ({ storage }: ActivityDependencies) =>
  async ({ plan }: { plan: BatchPlan }): Promise<{ stop: JobStop | null; blocks: number[] }> => {
    const stop = await readCancellationMarker(storage.blobs, plan.job);
    return { stop: stop ?? null, blocks: await listOutputs(storage.blobs, plan) };
  };

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
