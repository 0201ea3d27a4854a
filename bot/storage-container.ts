import type { ContainerClient } from '@azure/storage-blob';

/** The timeout of a call, in milliseconds. The process waits for the last call before it ends. */
const callTimeoutMilliseconds = 10_000;

export const createCallTimeout = (): AbortSignal => AbortSignal.timeout(callTimeoutMilliseconds);

/**
 * Opens a container, and creates it if it does not exist. Calls are not retried, because callers must check first whether a call without
 * an answer succeeded.
 * @param storage a connection string, or the URL of a blob endpoint with its SAS
 */
export const openContainer = async (storage: string, name: string): Promise<ContainerClient> => {
  // Loaded only by a bot that uses storage.
  const { BlobServiceClient } = await import('@azure/storage-blob');
  const options = { retryOptions: { maxTries: 1 } };
  const service = URL.canParse(storage)
    ? new BlobServiceClient(storage, undefined, options)
    : BlobServiceClient.fromConnectionString(storage, options);
  const container = service.getContainerClient(name);
  await container.createIfNotExists({ abortSignal: createCallTimeout() });
  return container;
};

/** Returns a function that creates something once, and again only after a failure. */
export const memoizeSuccess = <T>(create: () => Promise<T>): (() => Promise<T>) => {
  let created: Promise<T> | undefined;
  return () => {
    created ??= create();
    created.catch(() => (created = undefined));
    return created;
  };
};
