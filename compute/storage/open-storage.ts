import { BlobServiceClient, type StoragePipelineOptions } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { containers, inputQueue, poisonQueue } from '../../contracts/blob-paths.ts';
import { createBlobs } from './blobs.ts';
import { callStorage } from './storage-error.ts';
import type { Storage } from './port.ts';
import { createQueue } from './queue.ts';

export { StorageError } from './storage-error.ts';
export type { Blobs, ListedBlob, Queue, ReceivedMessage, Storage } from './port.ts';

/** `callStorage` retries. */
const options: StoragePipelineOptions = { retryOptions: { maxTries: 1 } };

/**
 * Opens the storage account of a connection string (with the account's key), on Azure or on Azurite.
 * Connections are kept alive; there is nothing to close. Every operation fails with a `StorageError`.
 */
export const openStorage = (connectionString: string): Storage => {
  const blobs = BlobServiceClient.fromConnectionString(connectionString, options);
  const queues = QueueServiceClient.fromConnectionString(connectionString, options as object);
  return {
    blobs: createBlobs(blobs),
    input: createQueue(queues, inputQueue),
    poison: createQueue(queues, poisonQueue),
    prepare: () =>
      callStorage('create containers and queues', async () => {
        await Promise.all([
          ...containers.map((name) => blobs.getContainerClient(name).createIfNotExists()),
          ...[inputQueue, poisonQueue].map((name) => queues.getQueueClient(name).createIfNotExists()),
        ]);
      }),
  };
};
