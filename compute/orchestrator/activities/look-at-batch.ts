import type { BatchPlan } from '../job/batch-plan.ts';
import { readCancellationMarker, type JobStop } from '../job/cancellation-marker.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { listOutputs } from './list-outputs.ts';

/** Which blocks of a batch have an output, and whether its job is to stop. */
export const pollBatch =
  ({ storage }: ActivityDependencies) =>
  async ({ plan }: { plan: BatchPlan }): Promise<{ stop: JobStop | null; blocks: number[] }> => {
    const stop = await readCancellationMarker(storage.blobs, plan.job);
    return { stop: stop ?? null, blocks: await listOutputs(storage.blobs, plan) };
  };
