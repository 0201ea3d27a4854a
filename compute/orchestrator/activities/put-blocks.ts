import type { BlockInput, BlockMessage } from '../../formats/block.ts';
import { inputPath } from '../../formats/paths.ts';
import { blocksOf, rangeOfBlock, type BatchPlan } from '../batch-plan.ts';
import { markOf, type Stop } from '../stop.ts';
import { algorithmOf, type Prepared } from './algorithm-of.ts';
import type { Dependencies } from './dependencies.ts';
import { listBatch } from './list-batch.ts';

/** Blocks put between two looks at the job's mark: while storage is slow, a canceled job must not go on filling the queue. */
const betweenLooks = 25;

/** `stop`: the job has a mark, and not all blocks were put. `blocks`: those that had an output before. */
export type Put = { stop: Stop } | { blocks: number[]; skipped: boolean };

/** `ifShort`: only if the queue holds fewer messages than blocks are missing; else theirs may just not have had their turn. */
export type PutInput = { plan: BatchPlan; ifShort: boolean };

/** Puts input and message of each block of the batch that has no output. */
export const putBlocks =
  ({ storage, algorithms, limit, putting }: Dependencies) =>
  ({ plan, ifShort }: PutInput): Promise<Put> =>
    putting(async () => {
      const prepared = algorithmOf(algorithms, plan);
      const put = async (block: number) => {
        const path = inputPath(plan.job, block);
        await storage.blobs.put(path, JSON.stringify(inputOf(plan, prepared, block)), 'application/json');
        const message: BlockMessage = { v: 1, job: plan.job, block, path };
        await storage.input.send(JSON.stringify(message));
      };
      const blocks = await limit(() => listBatch(storage.blobs, plan));
      const done = new Set(blocks);
      const missing = blocksOf(plan).filter((block) => !done.has(block));
      if (ifShort && (await storage.input.length()) >= missing.length) return { blocks, skipped: true };
      for (let n = 0; n < missing.length; n += betweenLooks) {
        const stop = await limit(() => markOf(storage.blobs, plan.job));
        if (stop) return { stop };
        const some = missing.slice(n, n + betweenLooks);
        await Promise.all(some.map((block) => limit(() => put(block))));
      }
      return { blocks, skipped: false };
    });

const inputOf = (plan: BatchPlan, { algorithm, parameters }: Prepared, block: number): BlockInput => {
  const inputs = algorithm.inputs(parameters, rangeOfBlock(plan, block));
  return { v: 1, job: plan.job, block, algorithm: plan.algorithm, parameters: plan.parameters, inputs };
};
