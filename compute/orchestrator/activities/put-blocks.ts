import type { BlockMessage } from '../../../contracts/block.ts';
import { inputPath } from '../../../contracts/blob-paths.ts';
import { blocksOf, rangeOfBlock, type BatchPlan } from '../job/batch-plan.ts';
import { markOf, type Stop } from '../job/cancellation-marker.ts';
import { algorithmOf } from './prepare-algorithm.ts';
import type { Dependencies } from './dependencies.ts';
import { listBatch } from './list-outputs.ts';
import { takeOver } from './reuse-outputs.ts';

/** Blocks put between two looks at the job's mark: while storage is slow, a canceled job must not go on filling the queue. */
const betweenLooks = 25;

/** `stop`: the job has a mark, and not all blocks were put. `blocks`: those that had an output before. */
export type Put = { stop: Stop } | { blocks: number[]; skipped: boolean };

/** `ifShort`: only if the queue holds fewer messages than blocks are missing; else theirs may just not have had their turn. */
export type PutInput = { plan: BatchPlan; ifShort: boolean };

/** Puts input and message of each block of the batch that has no output, and gets none from the job that is run again. */
export const putBlocks = (dependencies: Dependencies) => {
  const { storage, limit, putting } = dependencies;
  return ({ plan, ifShort }: PutInput): Promise<Put> =>
    putting(async () => {
      const inputs = await inputsOf(dependencies, plan);
      const put = async (block: number) => {
        const path = inputPath(plan.job, block);
        await storage.blobs.put(path, inputOf(plan, block, inputs(block)), 'application/json');
        const message: BlockMessage = { v: 1, job: plan.job, block, path };
        await storage.input.send(JSON.stringify(message));
      };
      const blocks = await limit(() => listBatch(storage.blobs, plan));
      blocks.push(...(await takeOver(dependencies, plan, without(blocks, plan))));
      const missing = without(blocks, plan);
      if (ifShort && (await storage.input.length()) >= missing.length) return { blocks, skipped: true };
      for (let n = 0; n < missing.length; n += betweenLooks) {
        const stop = await limit(() => markOf(storage.blobs, plan.job));
        if (stop) return { stop };
        const some = missing.slice(n, n + betweenLooks);
        await Promise.all(some.map((block) => limit(() => put(block))));
      }
      return { blocks, skipped: false };
    });
};

/** The batch's blocks but these. */
const without = (blocks: readonly number[], plan: BatchPlan): number[] => {
  const had = new Set(blocks);
  return blocksOf(plan).filter((block) => !had.has(block));
};

/** The inputs of each block, as a JSON list. @throws if this app cannot make them, or those that were uploaded are gone */
const inputsOf = async (
  { algorithms, sources }: Dependencies,
  plan: BatchPlan,
): Promise<(block: number) => string> => {
  const { algorithm, parameters } = algorithmOf(algorithms, plan);
  if (plan.source === undefined)
    return (block) => JSON.stringify(algorithm.inputs?.(parameters, rangeOfBlock(plan, block)));
  const source = await sources(plan.source);
  if (!source) throw new Error(`The uploaded inputs ${plan.source} are gone`);
  return (block) => source.list(rangeOfBlock(plan, block));
};

/** A `BlockInput`; its inputs are not parsed, so that a worker sees each digit that was uploaded. */
const inputOf = ({ job, algorithm, parameters }: BatchPlan, block: number, inputs: string): string => {
  const head = JSON.stringify({ v: 1, job, block, algorithm, parameters });
  return `${head.slice(0, -1)},"inputs":${inputs}}`;
};
