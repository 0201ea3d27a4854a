import { OrchestratorError } from '../../compute/client/index.ts';
import { retry } from '../../runtime/async/retry.ts';

/** The delays between attempts, about two minutes in all: a restart of the orchestrator does not end the wait. */
const retryOptions = {
  backoff: { minMilliseconds: 1_000, maxMilliseconds: 20_000 },
  maxAttempts: 15,
  isRetryable: (error: unknown) => error instanceof OrchestratorError && error.isTransient,
};

/** Repeats a call that can be repeated safely, while the orchestrator does not answer. @param signal prevents further attempts */
export const retryTransient = <T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
  retry(call, { ...retryOptions, ...(signal && { signal }) });
