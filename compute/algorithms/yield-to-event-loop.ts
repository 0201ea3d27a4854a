import { setImmediate } from 'node:timers/promises';

/** The maximum time to block the event loop, in milliseconds. The worker renews messages and checks for cancellation on it. */
const maxBlockingMilliseconds = 15;

/**
 * Returns a function that a long computation calls often. It yields to the event loop after each 15 ms of computing.
 * @throws the signal's reason once it is aborted
 */
export const createYielder = (signal: AbortSignal): (() => Promise<void> | undefined) => {
  let since = performance.now();
  const yieldNow = async (): Promise<void> => {
    await setImmediate();
    signal.throwIfAborted();
    since = performance.now();
  };
  return () => (performance.now() - since < maxBlockingMilliseconds ? undefined : yieldNow());
};
