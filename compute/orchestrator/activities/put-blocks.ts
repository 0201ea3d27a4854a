import type { BlockInput, BlockMessage } from '../../formats/block.ts';
import { inputPath } from '../../formats/paths.ts';
import { blocksOf, type BatchPlan } from '../batch-plan.ts';
import { markOf, type Stop } from '../stop.ts';
import { algorithmOf, type Prepared } from './algorithm-of.ts';
import { listBatch } from './list-batch.ts';
import type { Dependencies } from './dependencies.ts';

/** Puts input and message of each block of the batch that has no output. A job with a mark gets none. */
export const putBlocks =
  ({ storage, algorithms, limit }: Dependencies) =>
  async ({ plan }: { plan: BatchPlan }): Promise<{ stop: Stop | null }> => {
    const stop = await markOf(storage.blobs, plan.job);
    if (stop) return { stop };
    const prepared = algorithmOf(algorithms, plan);
    const done = new Set(await listBatch(storage.blobs, plan));
    const put = async (block: number) => {
      const path = inputPath(plan.job, block);
      await storage.blobs.put(path, JSON.stringify(inputOf(plan, prepared, block)), 'application/json');
      const message: BlockMessage = { v: 1, job: plan.job, block, path };
      await storage.input.send(JSON.stringify(message));
    };
    const missing = blocksOf(plan).filter((block) => !done.has(block));
    await Promise.all(missing.map((block) => limit(() => put(block))));
    return { stop: null };
  };

const inputOf = (plan: BatchPlan, { algorithm, parameters }: Prepared, block: number): BlockInput => {
  const from = block * plan.blockSize;
  const count = Math.min(plan.blockSize, plan.inputCount - from);
  const inputs = algorithm.inputs(parameters, { from, count });
  return { v: 1, job: plan.job, block, algorithm: plan.algorithm, parameters: plan.parameters, inputs };
};
