import { parseOutputPath, outputBatchPrefix, inputPath } from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import { type BatchPlan, listBlocks } from '../job/batch-plan.ts';
import { readCancellationMarker, type JobStop } from '../job/cancellation-marker.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { readOutputs } from './read-outputs.ts';

/** Returns the blocks of a batch that have an output, in order, with one listing of the batch's prefix. */
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

/** Returns the blocks of a batch that have an output, and the job's stop if it has a cancellation marker. */
export const pollBatch =
  ({ storage }: ActivityDependencies) =>
  async ({ plan }: { plan: BatchPlan }): Promise<{ stop: JobStop | null; blocks: number[] }> => {
    const stop = await readCancellationMarker(storage.blobs, plan.job);
    return { stop: stop ?? null, blocks: await listOutputs(storage.blobs, plan) };
  };

/** Deletes the inputs of a batch that stops, so that workers discard its remaining messages, and counts its verdicts. */
export const countVerdicts =
  (dependencies: ActivityDependencies) =>
  async ({ plan }: { plan: BatchPlan }): Promise<{ done: number; failed: number }> => {
    const { blobs } = dependencies.storage;
    await blobs.delete(listBlocks(plan).map((block) => inputPath(plan.job, block)));
    const outputs = await readOutputs(dependencies, plan, await listOutputs(blobs, plan));
    const done = outputs.filter((output) => output?.verdict.state === 'done').length;
    return { done, failed: outputs.filter(Boolean).length - done };
  };
