import type { OrchestrationContext, RetryOptions } from 'durable-functions';
import type { Steps } from '../durable.ts';
import type { Activities } from '../activities/activities.ts';
import type { Timing } from '../timing.ts';

type ActivityInput<N extends keyof Activities> = Parameters<Activities[N]>[0];
type ActivityOutput<N extends keyof Activities> = Awaited<ReturnType<Activities[N]>>;

/** Calls an activity and waits for it. @throws what it threw at the last of 8 attempts, over at least a minute */
export function* callActivity<const N extends keyof Activities>(
  context: OrchestrationContext,
  timing: Timing,
  name: N,
  input: ActivityInput<N>,
): Steps<ActivityOutput<N>> {
  return yield context.df.callActivityWithRetry(name, toRetryOptions(timing), input);
}

/** Written out, so that orchestrations need no more of durable-functions than its types. */
const toRetryOptions = ({ minRetryDelay }: Timing) =>
  ({
    firstRetryIntervalInMilliseconds: minRetryDelay * 1000,
    maxNumberOfAttempts: 8,
    backoffCoefficient: 2,
    maxRetryIntervalInMilliseconds: 30_000,
  }) as RetryOptions;
