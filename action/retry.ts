import { setTimeout as after } from 'node:timers/promises';
import { OrchestratorError } from '../compute/client/index.ts';
import { classifyError, getRateLimitWait } from '../chatops/github/classify-error.ts';
import { warning } from './report/log.ts';
import type { StepDeadline } from './step/deadline.ts';

/** Yields growing delays, in milliseconds. */
export function* backoffDelays({
  first,
  maxDelay,
}: {
  first: number;
  maxDelay: number;
}): Generator<number, never, void> {
  for (let pause = first; ; pause = Math.min(maxDelay, pause * 1.5)) yield pause;
}

/** Waits; returns early, without an error, once `signal` is aborted. */
export const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  await after(milliseconds, undefined, { signal }).catch(() => {});
};

/** A transient error: the minimum wait, in milliseconds, and whether it is a rate limit of GitHub. */
type TransientFault = { wait: number; isLimit: boolean };

/**
 * Returns the details of a transient error: no response, or a response that indicates one. Returns undefined for any other error, which
 * is not retried.
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
  /** Stops retrying. */
  signal: AbortSignal;
  /** Returns the remaining milliseconds; longer waits are not started. */
  getRemaining?: () => number;
  /** Stops retrying, except after rate limits, which are waited out as long as there is time. */
  graceSignal?: AbortSignal;
  /** Called with the message of a transient error, unless it repeats the last one. */
  onRetry: (message: string) => void;
  /** Waits; tests inject their own. */
  wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** Returns the retry options of a step, which retries as long as it has time. */
export const buildRetryOptions = (
  { signal, getRemaining }: Pick<StepDeadline, 'signal' | 'getRemaining'>,
  onRetry: (message: string) => void = warning,
): RetryOptions => ({ signal, getRemaining, onRetry });

/**
 * Retries a call after transient errors and rate limits, with backoff, until `signal` is aborted.
 * @throws the last error
 */
export const retry = async <T>(
  call: () => Promise<T>,
  { signal, getRemaining = () => Infinity, graceSignal, onRetry, wait = pause }: RetryOptions,
): Promise<T> => {
  let lastMessage = '';
  let limits = 0;
  const delays = backoffDelays({ first: 1_000, maxDelay: 15_000 });
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const transient = getTransientFault(error, limits);
      const isOver = signal.aborted || (graceSignal?.aborted && !transient?.isLimit);
      if (isOver || transient === undefined || transient.wait > getRemaining()) throw error;
      limits = transient.isLimit ? limits + 1 : 0;
      const { message } = error as Error;
      if (message !== lastMessage) onRetry(`${message}. Retrying.`);
      lastMessage = message;
      await wait(Math.max(transient.wait, delays.next().value), signal);
      if (signal.aborted) throw error;
    }
  }
};
