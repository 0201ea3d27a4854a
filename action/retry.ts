import { OrchestratorError } from '../compute/client/index.ts';
import { classifyError, getRateLimitWait } from '../chatops/github/classify-error.ts';
import type { Clock } from '../runtime/async/clock.ts';
import { retry, type FailedAttempt } from '../runtime/async/retry.ts';
import { warning } from './report/log.ts';
import type { StepDeadline } from './step/deadline.ts';

const backoff = { minMilliseconds: 1_000, maxMilliseconds: 15_000, factor: 1.5 };

/** A transient error: the minimum wait, in milliseconds, and whether it is a rate limit of GitHub. */
type TransientError = { wait: number; isLimit: boolean };

/**
 * Returns the details of a transient error: no response, or a response that indicates one. Returns undefined for any other error, which
 * is not retried.
 * @param limits the number of consecutive rate limits before it
 */
const getTransientError = (error: unknown, limits: number): TransientError | undefined => {
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

type CallRetryOptions = {
  /** Stops retrying. */
  signal: AbortSignal;
  /** Returns the remaining milliseconds; longer waits are not started. */
  getRemaining?: () => number;
  /** Stops retrying, except after rate limits, which are waited out as long as there is time. */
  graceSignal?: AbortSignal;
  /** Called with the message of a transient error, unless it repeats the last one. */
  onRetry: (message: string) => void;
  clock?: Clock;
};

/** Returns the retry options of a step, which retries as long as it has time. */
export const buildRetryOptions = (
  { signal, getRemaining }: Pick<StepDeadline, 'signal' | 'getRemaining'>,
  onRetry: (message: string) => void = warning,
): CallRetryOptions => ({ signal, getRemaining, onRetry });

/**
 * Retries a call after transient errors and rate limits, with backoff, until `signal` is aborted. Once it is aborted, the call is
 * attempted once.
 * @throws the last error
 */
export const retryCall = <T>(
  call: () => Promise<T>,
  { signal, getRemaining = () => Infinity, graceSignal, onRetry, clock }: CallRetryOptions,
): Promise<T> => {
  if (signal.aborted) return call();
  let limits = 0;
  let wait = 0;
  const isRetryable = (error: unknown): boolean => {
    const transient = getTransientError(error, limits);
    if (transient === undefined || (graceSignal?.aborted && !transient.isLimit)) return false;
    limits = transient.isLimit ? limits + 1 : 0;
    ({ wait } = transient);
    return wait <= getRemaining();
  };
  let lastMessage = '';
  const reportOnce = ({ error }: FailedAttempt): void => {
    const { message } = error as Error;
    if (message !== lastMessage) onRetry(`${message}. Retrying.`);
    lastMessage = message;
  };
  return retry(call, {
    backoff,
    signal,
    isRetryable,
    getMinDelay: () => wait,
    onRetry: reportOnce,
    ...(clock && { clock }),
  });
};
