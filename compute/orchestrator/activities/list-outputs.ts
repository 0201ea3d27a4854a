import { parseOutputPath, outputBatchPrefix, inputPath } from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import { type BatchPlan, listBlocks } from '../job/batch-plan.ts';
import { readCancellationMarker, type JobStop } from '../job/cancellation-marker.ts';
import { writePartial } from './combine-batch.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { addParameters } from './parameters.ts';
import { prepareAlgorithm } from './prepare-algorithm.ts';
import { readOutputs } from './read-outputs.ts';

/** Returns the blocks of a batch that have an output, in order, with one listing of the batch's prefix. */
export const listOutputs = async (
  blobs: Blobs,
  { job, batch, first, count }: Pick<BatchPlan, 'job' | 'batch' | 'first' | 'count'>,
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

/**
 * Deletes the inputs of a batch that stops, so that workers discard its remaining messages, counts its verdicts, and writes the partial
 * of the blocks that have ended.
 */
export const countVerdicts =
  (dependencies: ActivityDependencies) =>
  async ({ plan: carried }: { plan: BatchPlan }): Promise<{ done: number; failed: number }> => {
    const { blobs } = dependencies.storage;
    const plan = await addParameters(blobs, carried.job, carried);
    await blobs.delete(listBlocks(plan).map((block) => inputPath(plan.job, block)));
    const found = await readOutputs(dependencies, plan, await listOutputs(blobs, plan));
    const outputs = found.filter((output) => output !== undefined);
    if (outputs.length === 0) return { done: 0, failed: 0 };
    const { algorithm } = prepareAlgorithm(dependencies.algorithms, plan);
    const { done, failed } = await writePartial(blobs, plan, outputs, algorithm);
    return { done, failed };
  };
