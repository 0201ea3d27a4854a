/** Waits a number of milliseconds, or until the signal aborts. Never rejects. */
export const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  const timer = setTimeout(end, milliseconds);
  signal.addEventListener('abort', end, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', end);
};

const maxDelayMilliseconds = 60_000;

/** The pause after `faults` faults in a row before this one: twice as long each time, at most `longest`. In milliseconds. */
export const exponentialDelay = (
  milliseconds: number,
  failures: number,
  max = maxDelayMilliseconds,
): number => Math.min(max, milliseconds * 2 ** failures);
