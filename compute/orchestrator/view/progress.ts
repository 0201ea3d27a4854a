import * as v from 'valibot';
import { parseBatchId, toBatchPrefix, type JobId } from '../../../contracts/ids.ts';
import type { DurableClient, InstanceStatus } from '../durable.ts';
import { BlockCounts } from '../job/job-state.ts';
import { listInstances } from '../job/instances.ts';

/** The progress of a job's batches. `updatedAt`: the last change, ISO 8601; null without a batch. */
export type BatchProgress = { done: number; failed: number; updatedAt: string | null };

/** Sums the custom statuses of a job's batches, with one query. Only the last run of a batch counts. */
export const getBatchProgress = async (client: DurableClient, job: JobId): Promise<BatchProgress> => {
  const latest = new Map<number, { run: number; status: InstanceStatus }>();
  let updatedAt: string | null = null;
  for await (const status of listInstances(client, { prefix: toBatchPrefix(job) })) {
    if (updatedAt === null || status.lastUpdatedTime > updatedAt) updatedAt = status.lastUpdatedTime;
    const id = parseBatchId(status.instanceId);
    if (id && id.run >= (latest.get(id.batch)?.run ?? 0)) latest.set(id.batch, { run: id.run, status });
  }
  const progress = { done: 0, failed: 0, updatedAt };
  for (const { status } of latest.values()) {
    const counts = v.safeParse(BlockCounts, status.customStatus);
    if (!counts.success) continue;
    progress.done += counts.output.done;
    progress.failed += counts.output.failed;
  }
  return progress;
};
