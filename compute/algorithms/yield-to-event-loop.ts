import { setImmediate } from 'node:timers/promises';

/** How long a computation may keep the event loop, in milliseconds: a worker renews its messages and hears of a cancel on it. */
const maxBlockingMilliseconds = 15;

/**
 * A computation's breathing space: call the result often. Once it has run for a while it lets the event loop turn.
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
