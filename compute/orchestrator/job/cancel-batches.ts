import { batchPrefix, type JobId } from '../../../contracts/ids.ts';
import type { DurableClient } from '../durable.ts';
import type { Stop } from './cancellation-marker.ts';
import { allInstances, liveStatuses } from './instances.ts';

/** Raises `Cancel` on the batches of a job that are in flight. */
export const tellBatches = async (client: DurableClient, job: JobId, stop: Stop): Promise<void> => {
  const raised: Promise<boolean>[] = [];
  for await (const { instanceId } of allInstances(client, {
    prefix: batchPrefix(job),
    statuses: liveStatuses,
  }))
    raised.push(client.raiseEvent(instanceId, 'Cancel', stop));
  await Promise.all(raised);
};
