import { setTimeout as after } from 'node:timers/promises';
import { OrchestratorFault } from '../compute/client/index.ts';
import { kindOfFault, rateLimitWait } from '../chatops/github/classify-error.ts';
import { warning } from './report/log.ts';
import type { Stop } from './step/deadline.ts';

/** Growing pauses one after another, in milliseconds. */
export function* growing({
  first,
  longest,
}: {
  first: number;
  longest: number;
}): Generator<number, never, void> {
  for (let pause = first; ; pause = Math.min(longest, pause * 1.5)) yield pause;
}

/** Waits; returns early, without an error, once `stop` is aborted. */
export const pause = async (milliseconds: number, stop: AbortSignal): Promise<void> => {
  await after(milliseconds, undefined, { signal: stop }).catch(() => {});
};

/** A transient fault: the minimum wait, in milliseconds, and whether it is a rate limit of GitHub. */
type Passing = { wait: number; isLimit: boolean };

/**
 * Returns the details of a transient fault; undefined for any other. Transient faults are a missing answer, and an answer that says so.
 * All other faults are reported at once.
 * @param limits the number of consecutive rate limits before it
 */
const passingOf = (error: unknown, limits: number): Passing | undefined => {
  if (error instanceof OrchestratorFault) {
    const { status } = error;
    const passes = status === null || status >= 500 || status === 429 || status === 408;
    return passes ? { wait: 0, isLimit: false } : undefined;
  }
  const kind = kindOfFault(error);
  if (kind?.kind === 'rate-limited') return { wait: rateLimitWait(kind, limits), isLimit: true };
  const isUnreachable = error instanceof TypeError && error.message === 'fetch failed';
  return kind?.kind === 'transient' || isUnreachable ? { wait: 0, isLimit: false } : undefined;
};

export type Patience = {
  /** Ends it. */
  stop: AbortSignal;
  /** The milliseconds that are left; longer waits are not started. */
  left?: () => number;
  /** Stops retrying, except after rate limits, which are waited out as long as there is time. */
  grace?: AbortSignal;
  /** Called with the message of a transient fault, unless it repeats the last one. */
  tell: (message: string) => void;
  /** Waits; tests inject their own. */
  pauseFor?: (milliseconds: number, stop: AbortSignal) => Promise<void>;
};

/** Returns the retry options of a step, which retries as long as it has time. */
export const patienceOf = (
  { signal, left }: Pick<Stop, 'signal' | 'left'>,
  tell: (message: string) => void = warning,
): Patience => ({ stop: signal, left, tell });

/**
 * Calls again while nobody answers, or GitHub asks to wait, until `stop` is aborted.
 * @throws the last fault
 */
export const persistently = async <T>(
  call: () => Promise<T>,
  { stop, left = () => Infinity, grace, tell, pauseFor = pause }: Patience,
): Promise<T> => {
  let told = '';
  let limits = 0;
  const pauses = growing({ first: 1_000, longest: 15_000 });
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const passing = passingOf(error, limits);
      const isOver = stop.aborted || (grace?.aborted && !passing?.isLimit);
      if (isOver || passing === undefined || passing.wait > left()) throw error;
      limits = passing.isLimit ? limits + 1 : 0;
      const { message } = error as Error;
      if (message !== told) tell(`${message}. It is tried again.`);
      told = message;
      await pauseFor(Math.max(passing.wait, pauses.next().value), stop);
      if (stop.aborted) throw error;
    }
  }
};
