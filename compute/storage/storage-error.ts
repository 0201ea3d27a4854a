import { RestError } from '@azure/storage-blob';
import { retry } from '../../runtime/async/retry.ts';

/** A storage operation failed after all retries. The message names the blob or queue, never a link or a key. */
export class StorageError extends Error {
  override name = 'StorageError';
  /** The HTTP status, or undefined if there was no answer. */
  readonly status: number | undefined;
  constructor(what: string, status: number | undefined, why: string) {
    super(`Storage: ${what} failed: ${why}${status === undefined ? '' : ` (status ${status})`}`);
    this.status = status;
  }
}

/**
 * About 14 s in all, so that a restart of storage goes unnoticed; longer if requests are not answered at all. A repeated write can meet its own first attempt: then `putOnce`
 * returns false, and `send` has sent twice. The SDK does not retry, because its delays have no jitter.
 */
const backoff = { minMilliseconds: 100, maxMilliseconds: 3_000 };
const maxAttempts = 14;

/** Returns the HTTP status of an error of the SDK, or undefined if there was no answer. */
const getStatus = (error: unknown): number | undefined =>
  error instanceof RestError ? error.statusCode : undefined;

/** Returns whether another attempt can succeed: no answer (in time), an incomplete one, or one that says so. */
const isTransient = (error: unknown): boolean =>
  (error as Partial<Error>).name === 'AbortError' ||
  (error instanceof RestError &&
    (error.statusCode === undefined ||
      error.statusCode === 500 ||
      error.statusCode === 503 ||
      error.code === 'PARSE_ERROR'));

/**
 * Runs a storage operation, again after transient errors.
 * @throws StorageError with the status, the code and the first line of the message. The SDK's own error contains the whole request,
 *   and with it the signature of a link
 */
export const callStorage = <T>(what: string, operation: () => Promise<T>): Promise<T> =>
  callStorageUnless([], undefined as never, what, operation);

/** Runs a storage operation as `callStorage` does, but once: the caller repeats it by itself. */
export const callStorageOnce = <T>(what: string, operation: () => Promise<T>): Promise<T> =>
  callStorageUnless([], undefined as never, what, operation, 1);

/** Runs a storage operation as `callStorage` does, and returns the fallback for an error with one of the statuses. */
export const callStorageUnless = async <T, U>(
  statuses: readonly number[],
  fallback: U,
  what: string,
  operation: () => Promise<T>,
  attempts = maxAttempts,
): Promise<T | U> => {
  try {
    return await retry(operation, { backoff, maxAttempts: attempts, isRetryable: isTransient });
  } catch (error) {
    if (error instanceof StorageError) throw error;
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
