import type { AppendBlobClient, ContainerClient } from '@azure/storage-blob';
import type { Keeper } from './batch-writer.ts';

/** Longest call, in milliseconds: at the end of the process somebody waits for it. */
const callMilliseconds = 10_000;

type Place = { day: string; blob: AppendBlobClient; position: number };

/**
 * Appends to `audit/<yyyy-mm-dd>/<instance>.jsonl`, a blob a day. Only we write it, so its length tells whether an append that
 * got no answer has happened: no text stands there twice.
 * @param storage a connection string, or the URL of a blob endpoint with its SAS
 */
export const auditBlobs = (storage: string, instance: string): Keeper => {
  const container = lazily(() => openContainer(storage));
  let place: Place | undefined;
  let isUncertain = false;

  const append = async (text: string): Promise<void> => {
    const bytes = Buffer.byteLength(text);
    const day = new Date().toISOString().slice(0, 10);
    if (!place || (place.day !== day && !isUncertain)) {
      place = await openPlace((await container()).getAppendBlobClient(`${day}/${instance}.jsonl`), day);
    }
    if (isUncertain) {
      const end = place.position + bytes;
      place.position = await lengthOf(place.blob);
      isUncertain = false;
      if (place.position === end) return;
    }
    isUncertain = true;
    const conditions = { appendPosition: place.position };
    await place.blob.appendBlock(text, bytes, { conditions, abortSignal: soon() });
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

const soon = (): AbortSignal => AbortSignal.timeout(callMilliseconds);

/** Creates the day's blob, or goes on with it. */
const openPlace = async (blob: AppendBlobClient, day: string): Promise<Place> => {
  const blobHTTPHeaders = { blobContentType: 'application/x-ndjson' };
  await blob.createIfNotExists({ blobHTTPHeaders, abortSignal: soon() });
  return { day, blob, position: await lengthOf(blob) };
};

/** In bytes. */
const lengthOf = async (blob: AppendBlobClient): Promise<number> =>
  (await blob.getProperties({ abortSignal: soon() })).contentLength ?? 0;

const openContainer = async (storage: string): Promise<ContainerClient> => {
  // Only a bot that keeps an audit needs to load it.
  const { BlobServiceClient } = await import('@azure/storage-blob');
  // Retries are ours: a repeated append has to look first.
  const options = { retryOptions: { maxTries: 1 } };
  const service = URL.canParse(storage)
    ? new BlobServiceClient(storage, undefined, options)
    : BlobServiceClient.fromConnectionString(storage, options);
  const container = service.getContainerClient('audit');
  await container.createIfNotExists({ abortSignal: soon() });
  return container;
};

/** Makes something at its first use, and again after it could not be made. */
const lazily = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    made.catch(() => (made = undefined));
    return made;
  };
};
