import { setTimeout as pause } from 'node:timers/promises';

/** `milliseconds`: the longest pause after another was first, for each time that this has happened, ten times at most. */
export type SwapRetry = { attempts: number; milliseconds: number };

const defaultRetry: SwapRetry = { attempts: 100, milliseconds: 20 };

/**
 * Compare and swap: tries again for as long as another was first.
 * @param what is changed; stands in the error
 * @param attempt answers with undefined if another was first
 * @throws after 100 attempts, about 10 s: so often it is no other, but, say, a container that is missing
 */
export const compareAndSwap = async <T>(
  what: string,
  attempt: () => Promise<T | undefined>,
  { attempts, milliseconds }: SwapRetry = defaultRetry,
): Promise<T> => {
  for (let made = 1; made <= attempts; made += 1) {
    const result = await attempt();
    if (result !== undefined) return result;
    await pause(Math.random() * milliseconds * Math.min(made, 10));
  }
  throw new Error(`${what} could not be changed in ${attempts} attempts`);
};
