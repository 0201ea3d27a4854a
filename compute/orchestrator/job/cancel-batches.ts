import { toBatchPrefix, type JobId } from '../../../contracts/ids.ts';
import type { DurableClient } from '../durable.ts';
import type { JobStop } from './cancellation-marker.ts';
import { listInstances, liveStatuses } from './instances.ts';

/** Raises `Cancel` on each batch of a job that has not ended. */
export const cancelBatches = async (client: DurableClient, job: JobId, stop: JobStop): Promise<void> => {
  const raised: Promise<boolean>[] = [];
  for await (const { instanceId } of listInstances(client, {
    prefix: toBatchPrefix(job),
    statuses: liveStatuses,
  }))
    raised.push(client.raiseEvent(instanceId, 'Cancel', stop));
  await Promise.all(raised);
};
