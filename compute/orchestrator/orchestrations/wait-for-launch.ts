import type { Task } from 'durable-functions';
import { formatDuration } from '../../../contracts/duration.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { LaunchResult } from '../activities/launch-runner.ts';
import type { Steps } from '../durable.ts';
import { getRequiredLocks, type TaskJob } from '../job/job-state.ts';
import { callActivity, type OrchestrationRun } from './call-activity.ts';
import { cancelTimers, createTimerAfter, getTimeAfter, StopSignals } from './stop-signals.ts';

/** `onWait` is called with what the launch waits for, before each wait. */
type LaunchWait = { job: JobId; input: TaskJob; cancel: Task; onWait: (waitingFor: string) => void };

type FinalLaunchResult = Exclude<LaunchResult, { later: unknown }>;

/**
 * Launches a task's runner. A launch that is possible only later is tried again at growing intervals, until the maximum time for a launch
 * is over or the job is canceled.
 */
export function* waitForLaunch(
  run: OrchestrationRun,
  { job, input, cancel, onWait }: LaunchWait,
): Steps<FinalLaunchResult> {
  const { context, timing } = run;
  const request = { job, request: input.request, locks: getRequiredLocks(input), canWait: true };
  const stopSignals = new StopSignals(run, getTimeAfter(context, timing.maxLaunchWait), cancel);
  try {
    for (let seconds = timing.minLaunchRetry; ; seconds = Math.min(seconds * 2, timing.maxLaunchRetry)) {
      const launch = yield* callActivity(run, 'LaunchRunner', request);
      if (!('later' in launch)) return launch;
      const { waitingFor, retryAfterSeconds = 0 } = launch.later;
      onWait(waitingFor);
      const delay = Math.max(seconds, Math.min(retryAfterSeconds, timing.maxLaunchWait));
      const timer = createTimerAfter(context, delay);
      yield* stopSignals.waitForAny([timer]);
      cancelTimers(timer);
      const { stop } = stopSignals;
      if (stop?.reason === 'deadline') return toLaunchTimeout(waitingFor, timing.maxLaunchWait);
      if (stop) return { stop };
    }
  } finally {
    stopSignals.end();
  }
}

const toLaunchTimeout = (waitingFor: string, seconds: number): FinalLaunchResult => ({
  reason: 'launch-failed',
  message: `The runner could not be launched within ${formatDuration(seconds)}. The job was waiting for ${waitingFor}.`,
});
