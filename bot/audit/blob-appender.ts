import type { AppendBlobClient } from '@azure/storage-blob';
import { createCallTimeout, memoizeSuccess, openContainer } from '../storage-container.ts';
import type { AuditSink } from './batch-writer.ts';

type DayBlob = { day: string; blob: AppendBlobClient; position: number };

/**
 * Returns a sink that appends to `audit/<yyyy-mm-dd>/<instance>.jsonl`, one blob per day. No other process writes the blob, so its
 * length shows whether an append without an answer succeeded, and no text is written twice.
 * @param storage a connection string, or the URL of a blob endpoint with its SAS
 */
export const createBlobAppender = (storage: string, instance: string): AuditSink => {
  const container = memoizeSuccess(() => openContainer(storage, 'audit'));
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

/** Creates or opens the day's blob. */
const openDayBlob = async (blob: AppendBlobClient, day: string): Promise<DayBlob> => {
  const blobHTTPHeaders = { blobContentType: 'application/x-ndjson' };
  await blob.createIfNotExists({ blobHTTPHeaders, abortSignal: createCallTimeout() });
  return { day, blob, position: await getLength(blob) };
};

/** Returns the length of a blob in bytes. */
const getLength = async (blob: AppendBlobClient): Promise<number> =>
  (await blob.getProperties({ abortSignal: createCallTimeout() })).contentLength ?? 0;
