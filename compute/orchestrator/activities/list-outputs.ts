import { parseOutputPath, outputBatchPrefix } from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import type { BatchPlan } from '../job/batch-plan.ts';

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
