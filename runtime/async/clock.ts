/** A clock and its timers, in milliseconds. Tests inject their own. */
export type Clock = {
  now(): number;
  /** Calls back once, later. @returns a function that cancels the timer */
  after(milliseconds: number, callBack: () => void): () => void;
};

/** Node fires a timer with a longer delay at once. */
const maxTimerMilliseconds = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, callBack) => {
    const timer = setTimeout(callBack, Math.min(milliseconds, maxTimerMilliseconds));
    return () => clearTimeout(timer);
  },
};

type SleepOptions = {
  /** Ends the wait early. */
  signal?: AbortSignal | undefined;
  clock?: Clock;
};

/** Waits for a time, or until the signal is aborted. Never rejects. */
export const sleep = async (
  milliseconds: number,
  { signal, clock = systemClock }: SleepOptions = {},
): Promise<void> => {
  if (signal?.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  const cancel = clock.after(milliseconds, wake);
  signal?.addEventListener('abort', wake, { once: true });
  await promise;
  cancel();
  signal?.removeEventListener('abort', wake);
};
