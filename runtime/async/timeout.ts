import { systemClock, type Clock } from './clock.ts';

/** An operation did not settle in time. */
export class TimeoutError extends Error {
  override name = 'TimeoutError';
}

const timedOut = Symbol('timed out');

const race = async <T>(
  promise: Promise<T>,
  milliseconds: number,
  clock: Clock,
): Promise<T | typeof timedOut> => {
  const { promise: timeout, resolve } = Promise.withResolvers<typeof timedOut>();
  const cancel = clock.after(milliseconds, () => resolve(timedOut));
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    cancel();
  }
};

/**
 * Returns a promise's value if it settles in time. Afterwards the operation keeps running, and its result is ignored.
 * @throws TimeoutError with the message after the time
 */
export const withTimeout = async <T>(
  milliseconds: number,
  promise: Promise<T>,
  message: string,
  clock: Clock = systemClock,
): Promise<T> => {
  const result = await race(promise, milliseconds, clock);
  if (result === timedOut) throw new TimeoutError(message);
  return result;
};

/** Returns whether a promise resolves in time. @throws its error, if it rejects in time */
export const resolvesWithin = async (
  milliseconds: number,
  promise: Promise<unknown>,
  clock: Clock = systemClock,
): Promise<boolean> => (await race(promise, milliseconds, clock)) !== timedOut;
