import { exitPath, grantedPath, outputPrefix } from '../../contracts/blob-paths.ts';
import type { JobId } from '../../contracts/ids.ts';
import type { DurableClient } from '../../compute/orchestrator/durable.ts';
import type { Blobs, ListedBlob } from '../../compute/storage/port.ts';

/**
 * Tells of all outputs that the running jobs have, and of locks that they got. The events that an earlier process had not delivered are lost with it;
 * without this the orchestrations would find them too, but only at their next listing.
 */
export const replayEvents = async (
  client: DurableClient,
  blobs: Blobs,
  tell: (blob: ListedBlob) => void,
): Promise<void> => {
  let continuation: string | undefined;
  do {
    const page = await client.list({
      prefix: 'job-',
      statuses: ['Pending', 'Running'],
      ...(continuation === undefined ? {} : { continuation }),
    });
    for (const { instanceId } of page.instances) await replayJobEvents(instanceId, blobs, tell);
    continuation = page.continuation;
  } while (continuation !== undefined);
};

const replayJobEvents = async (job: JobId, blobs: Blobs, tell: (blob: ListedBlob) => void): Promise<void> => {
  for await (const output of blobs.list(outputPrefix(job))) tell(output);
  for await (const exit of blobs.list(exitPath(job))) tell(exit);
  for await (const granted of blobs.list(grantedPath(job))) tell(granted);
};
