import { setTimeout as after } from 'node:timers/promises';
import { OrchestratorError } from '../compute/client/index.ts';
import { classifyError, getRateLimitWait } from '../chatops/github/classify-error.ts';
import { warning } from './report/log.ts';
import type { StepDeadline } from './step/deadline.ts';

/** Growing pauses one after another, in milliseconds. */
export function* backoffDelays({
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
type TransientFault = { wait: number; isLimit: boolean };

/**
 * Returns the details of a transient fault; undefined for any other. Transient faults are a missing answer, and an answer that says so.
 * All other faults are reported at once.
 * @param limits the number of consecutive rate limits before it
 */
const getTransientFault = (error: unknown, limits: number): TransientFault | undefined => {
  if (error instanceof OrchestratorError) {
    const { status } = error;
    const isTransient = status === null || status >= 500 || status === 429 || status === 408;
    return isTransient ? { wait: 0, isLimit: false } : undefined;
  }
  const kind = classifyError(error);
  if (kind?.kind === 'rate-limited') return { wait: getRateLimitWait(kind, limits), isLimit: true };
  const isUnreachable = error instanceof TypeError && error.message === 'fetch failed';
  return kind?.kind === 'transient' || isUnreachable ? { wait: 0, isLimit: false } : undefined;
};

export type RetryOptions = {
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
export const buildRetryOptions = (
  { signal, left }: Pick<StepDeadline, 'signal' | 'left'>,
  tell: (message: string) => void = warning,
): RetryOptions => ({ stop: signal, left, tell });

/**
 * Calls again while nobody answers, or GitHub asks to wait, until `stop` is aborted.
 * @throws the last fault
 */
export const retry = async <T>(
  call: () => Promise<T>,
  { stop, left = () => Infinity, grace, tell, pauseFor = pause }: RetryOptions,
): Promise<T> => {
  let lastMessage = '';
  let limits = 0;
  const delays = backoffDelays({ first: 1_000, longest: 15_000 });
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const transient = getTransientFault(error, limits);
      const isOver = stop.aborted || (grace?.aborted && !transient?.isLimit);
      if (isOver || transient === undefined || transient.wait > left()) throw error;
      limits = transient.isLimit ? limits + 1 : 0;
      const { message } = error as Error;
      if (message !== lastMessage) tell(`${message}. It is tried again.`);
      lastMessage = message;
      await pauseFor(Math.max(transient.wait, delays.next().value), stop);
      if (stop.aborted) throw error;
    }
  }
};
