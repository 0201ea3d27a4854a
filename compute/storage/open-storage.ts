import {
  BlobServiceClient,
  newPipeline as newBlobPipeline,
  type RequestPolicyFactory,
  type StoragePipelineOptions,
} from '@azure/storage-blob';
import { newPipeline as newQueuePipeline, QueueServiceClient } from '@azure/storage-queue';
import {
  containers,
  eventQueue,
  inputQueue,
  poisonEventQueue,
  poisonQueue,
} from '../../contracts/blob-paths.ts';
import { createBlobs } from './blobs.ts';
import { callStorage } from './storage-error.ts';
import type { Storage } from './port.ts';
import { createQueue } from './queue.ts';

export { StorageError } from './storage-error.ts';
export type { Blobs, ListedBlob, Queue, ReceivedMessage, Storage } from './port.ts';

const allQueues = [inputQueue, poisonQueue, eventQueue, poisonEventQueue];

/** `callStorage` retries. */
const options: StoragePipelineOptions = { retryOptions: { maxTries: 1 } };

/**
 * The timeouts for a request and its response; of a download, for the response's headers. A request to the blobs can have a body of 4 MiB.
 * A queue that does not answer for so long is away: polls and renewals must not wait for it.
 */
const requestMilliseconds = { blobs: 60_000, queues: 15_000 };

/**
 * Opens the storage account of a connection string (with the account's key), on Azure or on Azurite.
 * Connections are kept alive; there is nothing to close. Every operation fails with a `StorageError`.
 */
export const openStorage = (connectionString: string): Storage => {
  const { blobs, queues } = openServices(connectionString);
  return {
    blobs: createBlobs(blobs),
    input: createQueue(queues, inputQueue),
    poison: createQueue(queues, poisonQueue),
    events: createQueue(queues, eventQueue),
    poisonEvents: createQueue(queues, poisonEventQueue),
    prepare: () =>
      callStorage('create containers and queues', async () => {
        await Promise.all([
          ...containers.map((name) => blobs.getContainerClient(name).createIfNotExists()),
          ...allQueues.map((name) => queues.getQueueClient(name).createIfNotExists()),
        ]);
      }),
  };
};

/** Opens the services with a timeout for each request: without one, a network that drops packets makes a request last for minutes. */
const openServices = (connectionString: string): { blobs: BlobServiceClient; queues: QueueServiceClient } => {
  const blobs = BlobServiceClient.fromConnectionString(connectionString);
  const blobPipeline = newBlobPipeline(blobs.credential, options);
  blobPipeline.factories.push(createTimeoutPolicy(requestMilliseconds.blobs));
  const queues = QueueServiceClient.fromConnectionString(connectionString);
  const queuePipeline = newQueuePipeline(blobs.credential, options as object);
  queuePipeline.factories.push(createTimeoutPolicy(requestMilliseconds.queues));
  return {
    blobs: new BlobServiceClient(blobs.url, blobPipeline),
    queues: new QueueServiceClient(queues.url, queuePipeline),
  };
};

const createTimeoutPolicy = (milliseconds: number): RequestPolicyFactory => ({
  create: (next) => ({
    sendRequest: (request) => {
      request.timeout = milliseconds;
      return next.sendRequest(request);
    },
  }),
});
