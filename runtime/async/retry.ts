import { jitteredDelay, type Backoff } from './backoff.ts';
import { sleep, type Clock } from './clock.ts';

/** A failed attempt that is followed by another one. */
export type FailedAttempt = {
  error: unknown;
  /** The number of attempts so far. */
  attempts: number;
  /** The wait before the next attempt. */
  delayMilliseconds: number;
};

export type RetryOptions = {
  /** The delays between attempts; each is random, see `jitteredDelay`. */
  backoff: Backoff;
  /** Returns whether an error is transient. By default, each is. */
  isRetryable?: (error: unknown) => boolean;
  /** Returns a delay that the service asks for, such as `Retry-After`, to which the random delay is added. */
  getMinDelay?: (error: unknown) => number;
  /** Infinity by default. */
  maxAttempts?: number;
  /** Ends the wait, and prevents further attempts. */
  signal?: AbortSignal;
  /** Called before each wait. */
  onRetry?: (failed: FailedAttempt) => void;
  clock?: Clock;
  /** Returns numbers from 0 to below 1. */
  random?: () => number;
};

/**
 * Repeats an operation until it succeeds.
 * @param operation receives the number of earlier attempts
 * @throws the last error, if it is not transient, after the last attempt, or once the signal is aborted; the signal's reason, if it was
 *   aborted before the first attempt
 */
export const retry = async <T>(
  operation: (attempts: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> => {
  const { backoff, isRetryable = () => true, getMinDelay = () => 0, maxAttempts = Infinity } = options;
  const { signal, onRetry, clock, random } = options;
  signal?.throwIfAborted();
  for (let attempts = 0; ; attempts += 1) {
    try {
      return await operation(attempts);
    } catch (error) {
      if (signal?.aborted || attempts + 1 >= maxAttempts || !isRetryable(error)) throw error;
      const delayMilliseconds = getMinDelay(error) + jitteredDelay(attempts, backoff, random);
      onRetry?.({ error, attempts: attempts + 1, delayMilliseconds });
      await sleep(delayMilliseconds, { signal, ...(clock && { clock }) });
      if (signal?.aborted) throw error;
    }
  }
};
