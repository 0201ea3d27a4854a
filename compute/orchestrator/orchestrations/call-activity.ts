import type { OrchestrationContext, RetryOptions } from 'durable-functions';
import type { Steps } from '../durable.ts';
import type { Activities } from '../activities/activities.ts';
import type { Timing } from '../timing.ts';

type InputOf<N extends keyof Activities> = Parameters<Activities[N]>[0];
type OutputOf<N extends keyof Activities> = Awaited<ReturnType<Activities[N]>>;

/** Calls an activity and waits for it. @throws what it threw at the last of 8 attempts, over at least a minute */
export function* call<const N extends keyof Activities>(
  context: OrchestrationContext,
  timing: Timing,
  name: N,
  input: InputOf<N>,
): Steps<OutputOf<N>> {
  return yield context.df.callActivityWithRetry(name, retry(timing), input);
}

/** Written out, so that orchestrations need no more of durable-functions than its types. */
const retry = ({ firstRetry }: Timing) =>
  ({
    firstRetryIntervalInMilliseconds: firstRetry * 1000,
    maxNumberOfAttempts: 8,
    backoffCoefficient: 2,
    maxRetryIntervalInMilliseconds: 30_000,
  }) as RetryOptions;
