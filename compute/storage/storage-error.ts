import { RestError } from '@azure/storage-blob';

/** Storage did not do what was asked, after all retries. Its message names the blob or queue, never a link or a key. */
export class StorageError extends Error {
  override name = 'StorageError';
  /** The HTTP status, or undefined if there was no answer. */
  readonly status: number | undefined;
  constructor(what: string, status: number | undefined, why: string) {
    super(`Storage: ${what} failed: ${why}${status === undefined ? '' : ` (status ${status})`}`);
    this.status = status;
  }
}

/** The HTTP status of an error of the SDK, or undefined if there was no answer. */
const getStatus = (error: unknown): number | undefined =>
  error instanceof RestError ? error.statusCode : undefined;

/**
 * Runs one storage operation. Its error becomes a `StorageError`, which keeps the status, the code and the first line of
 * the message: the SDK's own error carries the whole request, and with it a link's signature.
 */
export const callStorage = async <T>(what: string, operation: () => Promise<T>): Promise<T> => {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw new StorageError(what, getStatus(error), describeError(error));
  }
};

/** As `attempt`, with an answer in place of an error of one of these statuses. */
export const callStorageUnless = async <T, U>(
  statuses: readonly number[],
  fallback: U,
  what: string,
  operation: () => Promise<T>,
): Promise<T | U> => {
  try {
    return await operation();
  } catch (error) {
    const status = getStatus(error);
    if (status !== undefined && statuses.includes(status)) return fallback;
    throw new StorageError(what, status, describeError(error));
  }
};

const describeError = (error: unknown): string => {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const line = String(message ?? error).split('\n', 1)[0] ?? '';
  return `${typeof code === 'string' ? `${code}: ` : ''}${line.replace(/\?\S*/g, '?[query]')}`;
};
