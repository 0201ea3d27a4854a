import type { BatchPlan } from '../job/batch-plan.ts';
import { markOf, type Stop } from '../job/cancellation-marker.ts';
import type { Dependencies } from './dependencies.ts';
import { listBatch } from './list-outputs.ts';

/** Which blocks of a batch have an output, and whether its job is to stop. */
export const lookAtBatch =
  ({ storage }: Dependencies) =>
  async ({ plan }: { plan: BatchPlan }): Promise<{ stop: Stop | null; blocks: number[] }> => {
    const stop = await markOf(storage.blobs, plan.job);
    return { stop: stop ?? null, blocks: await listBatch(storage.blobs, plan) };
  };
