import { exitPath, grantedPath, outputPrefix } from '../../contracts/blob-paths.ts';
import type { JobId } from '../../contracts/ids.ts';
import { listInstances } from '../../compute/orchestrator/job/instances.ts';
import type { DurableClient } from '../../compute/orchestrator/durable.ts';
import type { Blobs, ListedBlob } from '../../compute/storage/port.ts';

/**
 * Reports all outputs, exit records and granted locks of the running jobs. Events that an earlier process had not delivered were lost
 * with it; without this, the orchestrations would find these blobs only at their next listing.
 */
export const replayEvents = async (
  client: DurableClient,
  blobs: Blobs,
  report: (blob: ListedBlob) => void,
): Promise<void> => {
  const running = listInstances(client, { prefix: 'job-', statuses: ['Pending', 'Running'] });
  for await (const { instanceId } of running) await replayJobEvents(instanceId, blobs, report);
};

const replayJobEvents = async (
  job: JobId,
  blobs: Blobs,
  report: (blob: ListedBlob) => void,
): Promise<void> => {
  for await (const output of blobs.list(outputPrefix(job))) report(output);
  for await (const exit of blobs.list(exitPath(job))) report(exit);
  for await (const granted of blobs.list(grantedPath(job))) report(granted);
};
