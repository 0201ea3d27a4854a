import type { OrchestrationContext, RetryOptions } from 'durable-functions';
import type { Activities } from '../activities/activities.ts';
import type { Steps } from '../durable.ts';
import type { Timing } from '../timing.ts';

/** A running orchestration: the context of its instance, and its timing. */
export type OrchestrationRun = { context: OrchestrationContext; timing: Timing };

type ActivityInput<N extends keyof Activities> = Parameters<Activities[N]>[0];
type ActivityOutput<N extends keyof Activities> = Awaited<ReturnType<Activities[N]>>;

/** Calls an activity and waits for its output. @throws the error of the last of 8 attempts, which take at least a minute */
export function* callActivity<const N extends keyof Activities>(
  { context, timing }: OrchestrationRun,
  name: N,
  input: ActivityInput<N>,
): Steps<ActivityOutput<N>> {
  return yield context.df.callActivityWithRetry(name, toRetryOptions(timing), input);
}

/** A plain object, so that orchestrations import only types of durable-functions. */
const toRetryOptions = ({ minRetryDelay }: Timing) =>
  ({
    firstRetryIntervalInMilliseconds: minRetryDelay * 1000,
    maxNumberOfAttempts: 8,
    backoffCoefficient: 2,
    maxRetryIntervalInMilliseconds: 30_000,
  }) as RetryOptions;
