import { setTimeout as after } from 'node:timers/promises';
import { OrchestratorFault } from '../compute/client/index.ts';
import { statusOf } from '../chatops/github/octokit.ts';
import { rateLimitOf } from '../chatops/github/rate-limit.ts';

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

/** A rate limit of GitHub that lasts longer is not waited for: the sweep makes up for the step. In milliseconds. */
const longestLimit = 600_000;

/**
 * How long to wait after a fault at least, in milliseconds; undefined if it does not pass. What passes: nobody answers, or an answer
 * that says so. Anything else is told at once.
 */
const waitAfter = (error: unknown): number | undefined => {
  const limit = error instanceof OrchestratorFault ? undefined : rateLimitOf(error, Date.now());
  if (limit !== undefined) return limit <= longestLimit ? limit : undefined;
  return passes(error) ? 0 : undefined;
};

const passes = (error: unknown): boolean => {
  const status = error instanceof OrchestratorFault ? error.status : statusOf(error);
  if (status === undefined) return error instanceof TypeError && error.message === 'fetch failed';
  return status === null || status >= 500 || status === 429 || status === 408;
};

/**
 * Calls again while nobody answers, or GitHub asks to wait, until `stop` is aborted.
 * @param tell is told of a fault that passes, by its message, unless it is the same again
 * @throws the last fault
 */
export const persistently = async <T>(
  call: () => Promise<T>,
  { stop, tell }: { stop: AbortSignal; tell: (message: string) => void },
): Promise<T> => {
  let told = '';
  const pauses = growing({ first: 1_000, longest: 15_000 });
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const wait = waitAfter(error);
      if (stop.aborted || wait === undefined) throw error;
      const { message } = error as Error;
      if (message !== told) tell(`${message}. It is tried again.`);
      told = message;
      await pause(Math.max(wait, pauses.next().value), stop);
      if (stop.aborted) throw error;
    }
  }
};
