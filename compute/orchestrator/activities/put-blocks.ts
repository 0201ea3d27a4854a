import type { BlockMessage } from '../../../contracts/block.ts';
import { inputPath } from '../../../contracts/blob-paths.ts';
import { listBlocks, getInputRange, type BatchPlan } from '../job/batch-plan.ts';
import { readCancellationMarker, type JobStop } from '../job/cancellation-marker.ts';
import { addParameters, type WithParameters } from './parameters.ts';
import { prepareAlgorithm } from './prepare-algorithm.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { listOutputs } from './list-outputs.ts';
import { reuseOutputs } from './reuse-outputs.ts';

/** The number of blocks that are put between two checks of the cancellation marker, so that a canceled job stops filling the queue. */
const blocksPerMarkerCheck = 25;

/** `stop`: the job was canceled before all blocks were put. `blocks`: those that already had an output. */
export type PutResult = { stop: JobStop } | { blocks: number[]; skipped: boolean };

/** `ifShort`: put blocks only if the queue has fewer messages than blocks are missing; otherwise their messages may still be in it. */
export type PutInput = { plan: BatchPlan; ifShort: boolean };

/** Puts the input and the message of each block of a batch that has no output, neither its own nor one of the job that is retried. */
export const putBlocks = (dependencies: ActivityDependencies) => {
  const { storage, limitStorage, limitPutting } = dependencies;
  return ({ plan: carried, ifShort }: PutInput): Promise<PutResult> =>
    limitPutting(async () => {
      const plan = await addParameters(storage.blobs, carried.job, carried);
      const inputs = await prepareInputs(dependencies, plan);
      const put = async (block: number) => {
        const path = inputPath(plan.job, block);
        await storage.blobs.put(path, formatBlockInput(plan, block, inputs(block)), 'application/json');
        const message: BlockMessage = { v: 1, job: plan.job, block, path };
        await storage.input.send(JSON.stringify(message));
      };
      const blocks = await limitStorage(() => listOutputs(storage.blobs, plan));
      blocks.push(...(await reuseOutputs(dependencies, plan, listMissing(blocks, plan))));
      const missing = listMissing(blocks, plan);
      if (ifShort && (await storage.input.length()) >= missing.length) return { blocks, skipped: true };
      for (let n = 0; n < missing.length; n += blocksPerMarkerCheck) {
        const stop = await limitStorage(() => readCancellationMarker(storage.blobs, plan.job));
        if (stop) return { stop };
        const chunk = missing.slice(n, n + blocksPerMarkerCheck);
        await Promise.all(chunk.map((block) => limitStorage(() => put(block))));
      }
      return { blocks, skipped: false };
    });
};

/** Returns the batch's other blocks. */
const listMissing = (blocks: readonly number[], plan: BatchPlan): number[] => {
  const present = new Set(blocks);
  return listBlocks(plan).filter((block) => !present.has(block));
};

/** Returns a function that returns a block's inputs as a JSON list. @throws if the algorithm is unknown, or uploaded inputs are missing */
const prepareInputs = async (
  { algorithms, sources }: ActivityDependencies,
  plan: WithParameters<BatchPlan>,
): Promise<(block: number) => string> => {
  const { algorithm, parameters } = prepareAlgorithm(algorithms, plan);
  if (plan.source === undefined)
    return (block) => JSON.stringify(algorithm.inputs?.(parameters, getInputRange(plan, block)));
  const source = await sources(plan.source);
  if (!source) throw new Error(`The uploaded inputs ${plan.source} are missing`);
  return (block) => source.list(getInputRange(plan, block));
};

/** Returns a `BlockInput` as JSON. The inputs are not parsed, so that a worker gets each digit that was uploaded. */
const formatBlockInput = (
  { job, algorithm, parameters }: WithParameters<BatchPlan>,
  block: number,
  inputs: string,
): string => {
  const head = JSON.stringify({ v: 1, job, block, algorithm, parameters });
  return `${head.slice(0, -1)},"inputs":${inputs}}`;
};
