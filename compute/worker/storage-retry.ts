import { setTimeout } from 'node:timers/promises';
import type { Logger } from '../../runtime/log.ts';
import { StorageError } from '../storage/open-storage.ts';

/** The wait after a storage fault, which has outlasted storage's own retries. */
const retryDelayMilliseconds = 1_000;

/** Waits, or less long if the signal is aborted. */
export const sleep = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  // The only way in which it rejects is the abort.
  await setTimeout(milliseconds, undefined, { signal }).catch(() => {});
};

/**
 * Repeats an operation until storage does it.
 * @throws the signal's reason once it is aborted, and whatever is no storage fault
 */
export const retryStorage = async <T>(
  operation: () => Promise<T>,
  signal: AbortSignal,
  log: Logger,
): Promise<T> => {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await operation();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      log.warn({ err: error }, 'storage is tried again');
      await sleep(retryDelayMilliseconds, signal);
    }
  }
};
