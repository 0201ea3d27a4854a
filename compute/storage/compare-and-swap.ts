import { jitteredDelay, type Backoff } from '../../runtime/async/backoff.ts';
import { sleep } from '../../runtime/async/clock.ts';

/** How often a change is attempted, and the delays between the attempts. */
export type SwapRetry = { maxAttempts: number; backoff: Backoff };

/** About 10 s. A change that fails more often fails for another reason than concurrency, such as a missing container. */
const defaultRetry: SwapRetry = { maxAttempts: 100, backoff: { minMilliseconds: 20, maxMilliseconds: 200 } };

/**
 * Changes a value by compare-and-swap: repeats the attempt, with jitter, while another change was first.
 * @param what the name of the value, for the error
 * @param attempt returns undefined if another change was first
 * @throws after `maxAttempts`
 */
export const compareAndSwap = async <T>(
  what: string,
  attempt: () => Promise<T | undefined>,
  { maxAttempts, backoff }: SwapRetry = defaultRetry,
): Promise<T> => {
  for (let attempts = 0; attempts < maxAttempts; attempts += 1) {
    const result = await attempt();
    if (result !== undefined) return result;
    await sleep(jitteredDelay(attempts, backoff));
  }
  throw new Error(`${what} could not be changed in ${maxAttempts} attempts`);
};
