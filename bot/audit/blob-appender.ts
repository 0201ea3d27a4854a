import type { AppendBlobClient, ContainerClient } from '@azure/storage-blob';
import type { AuditSink } from './batch-writer.ts';

/** Longest call, in milliseconds: at the end of the process somebody waits for it. */
const callTimeoutMilliseconds = 10_000;

type DayBlob = { day: string; blob: AppendBlobClient; position: number };

/**
 * Appends to `audit/<yyyy-mm-dd>/<instance>.jsonl`, a blob a day. Only we write it, so its length tells whether an append that
 * got no answer has happened: no text stands there twice.
 * @param storage a connection string, or the URL of a blob endpoint with its SAS
 */
export const createBlobAppender = (storage: string, instance: string): AuditSink => {
  const container = memoizeSuccess(() => openContainer(storage));
  let place: DayBlob | undefined;
  let isUncertain = false;

  const append = async (text: string): Promise<void> => {
    const bytes = Buffer.byteLength(text);
    const day = new Date().toISOString().slice(0, 10);
    if (!place || (place.day !== day && !isUncertain)) {
      place = await openDayBlob((await container()).getAppendBlobClient(`${day}/${instance}.jsonl`), day);
    }
    if (isUncertain) {
      const end = place.position + bytes;
      place.position = await getLength(place.blob);
      isUncertain = false;
      if (place.position === end) return;
    }
    isUncertain = true;
    const conditions = { appendPosition: place.position };
    await place.blob.appendBlock(text, bytes, { conditions, abortSignal: createCallTimeout() });
    isUncertain = false;
    place.position += bytes;
  };

  return async (text) => {
    try {
      await append(text);
    } catch (error) {
      if ((error as { statusCode?: unknown }).statusCode === 404) {
        // Somebody has deleted the blob: the next attempt makes a new one.
        place = undefined;
        isUncertain = false;
      }
      throw error;
    }
  };
};

const createCallTimeout = (): AbortSignal => AbortSignal.timeout(callTimeoutMilliseconds);

/** Creates the day's blob, or goes on with it. */
const openDayBlob = async (blob: AppendBlobClient, day: string): Promise<DayBlob> => {
  const blobHTTPHeaders = { blobContentType: 'application/x-ndjson' };
  await blob.createIfNotExists({ blobHTTPHeaders, abortSignal: createCallTimeout() });
  return { day, blob, position: await getLength(blob) };
};

/** In bytes. */
const getLength = async (blob: AppendBlobClient): Promise<number> =>
  (await blob.getProperties({ abortSignal: createCallTimeout() })).contentLength ?? 0;

const openContainer = async (storage: string): Promise<ContainerClient> => {
  // Only a bot that keeps an audit needs to load it.
  const { BlobServiceClient } = await import('@azure/storage-blob');
  // Retries are ours: a repeated append has to look first.
  const options = { retryOptions: { maxTries: 1 } };
  const service = URL.canParse(storage)
    ? new BlobServiceClient(storage, undefined, options)
    : BlobServiceClient.fromConnectionString(storage, options);
  const container = service.getContainerClient('audit');
  await container.createIfNotExists({ abortSignal: createCallTimeout() });
  return container;
};

/** Makes something at its first use, and again after it could not be made. */
const memoizeSuccess = <T>(create: () => Promise<T>): (() => Promise<T>) => {
  let created: Promise<T> | undefined;
  return () => {
    created ??= create();
    created.catch(() => (created = undefined));
    return created;
  };
};
