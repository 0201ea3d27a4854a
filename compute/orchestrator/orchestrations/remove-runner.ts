import type { JobId } from '../../../contracts/ids.ts';
import type { Steps } from '../durable.ts';
import { toErrorText } from '../text.ts';
import { callActivity, type OrchestrationRun } from './call-activity.ts';
import { createTimerAfter, getTimeAfter } from './stop-signals.ts';

/**
 * Removes a runner whose script may still run, and waits until it is gone. Returns false if that takes too long or fails: then the
 * tick's chores go on with it.
 */
export function* removeRunner(run: OrchestrationRun, job: JobId): Steps<boolean> {
  const { context, timing } = run;
  const giveUpAt = getTimeAfter(context, timing.maxRemovalWait);
  try {
    for (let seconds = timing.minRemovalRetry; ; seconds = Math.min(seconds * 2, timing.maxRemovalRetry)) {
      if ((yield* callActivity(run, 'RemoveRunner', { job })) === 'gone') return true;
      if (context.df.currentUtcDateTime >= giveUpAt) return false;
      yield createTimerAfter(context, seconds);
    }
  } catch (error) {
    context.error(`Could not remove the runner: ${toErrorText(error)}`);
    return false;
  }
}
