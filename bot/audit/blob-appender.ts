import type { AppendBlobClient, ContainerClient } from '@azure/storage-blob';
import type { AuditSink } from './batch-writer.ts';

/** The timeout of a call, in milliseconds. The process waits for the last call before it ends. */
const callTimeoutMilliseconds = 10_000;

type DayBlob = { day: string; blob: AppendBlobClient; position: number };

/**
 * Returns a sink that appends to `audit/<yyyy-mm-dd>/<instance>.jsonl`, one blob per day. No other process writes the blob, so its
 * length shows whether an append without an answer succeeded, and no text is written twice.
 * @param storage a connection string, or the URL of a blob endpoint with its SAS
 */
export const createBlobAppender = (storage: string, instance: string): AuditSink => {
  const container = memoizeSuccess(() => openContainer(storage));
  let current: DayBlob | undefined;
  let isUncertain = false;

  const append = async (text: string): Promise<void> => {
    const bytes = Buffer.byteLength(text);
    const day = new Date().toISOString().slice(0, 10);
    if (!current || (current.day !== day && !isUncertain)) {
      current = await openDayBlob((await container()).getAppendBlobClient(`${day}/${instance}.jsonl`), day);
    }
    if (isUncertain) {
      const end = current.position + bytes;
      current.position = await getLength(current.blob);
      isUncertain = false;
      if (current.position === end) return;
    }
    isUncertain = true;
    const conditions = { appendPosition: current.position };
    await current.blob.appendBlock(text, bytes, { conditions, abortSignal: createCallTimeout() });
    isUncertain = false;
    current.position += bytes;
  };

  return async (text) => {
    try {
      await append(text);
    } catch (error) {
      if ((error as { statusCode?: unknown }).statusCode === 404) {
        // The blob was deleted: the next attempt creates a new one.
        current = undefined;
        isUncertain = false;
      }
      throw error;
    }
  };
};

const createCallTimeout = (): AbortSignal => AbortSignal.timeout(callTimeoutMilliseconds);

/** Creates or opens the day's blob. */
const openDayBlob = async (blob: AppendBlobClient, day: string): Promise<DayBlob> => {
  const blobHTTPHeaders = { blobContentType: 'application/x-ndjson' };
  await blob.createIfNotExists({ blobHTTPHeaders, abortSignal: createCallTimeout() });
  return { day, blob, position: await getLength(blob) };
};

/** Returns the length of a blob in bytes. */
const getLength = async (blob: AppendBlobClient): Promise<number> =>
  (await blob.getProperties({ abortSignal: createCallTimeout() })).contentLength ?? 0;

const openContainer = async (storage: string): Promise<ContainerClient> => {
  // Loaded only by a bot that stores the audit.
  const { BlobServiceClient } = await import('@azure/storage-blob');
  // The client must not retry by itself, because the length must be checked before an append is repeated.
  const options = { retryOptions: { maxTries: 1 } };
  const service = URL.canParse(storage)
    ? new BlobServiceClient(storage, undefined, options)
    : BlobServiceClient.fromConnectionString(storage, options);
  const container = service.getContainerClient('audit');
  await container.createIfNotExists({ abortSignal: createCallTimeout() });
  return container;
};

/** Returns a function that creates something once, and again only after a failure. */
const memoizeSuccess = <T>(create: () => Promise<T>): (() => Promise<T>) => {
  let created: Promise<T> | undefined;
  return () => {
    created ??= create();
    created.catch(() => (created = undefined));
    return created;
  };
};
