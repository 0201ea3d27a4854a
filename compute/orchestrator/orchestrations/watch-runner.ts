import type { Task } from 'durable-functions';
import type { ExitRecord } from '../../../contracts/exit-record.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { Steps } from '../durable.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import { callActivity, type OrchestrationRun } from './call-activity.ts';
import { EventOrPoll } from './event-or-poll.ts';
import { getTimeAfter, StopSignals } from './stop-signals.ts';

/**
 * How watching a runner ended. `late`: its script did not start in time. `lost`: the runner is gone, or has ended, without an exit record.
 * `message`: what is known about the cause.
 */
export type WatchOutcome =
  | { kind: 'exit'; exit: ExitRecord }
  | { kind: 'stop'; stop: JobStop }
  | { kind: 'late' | 'lost'; message: string | null };

/** `onStarting` and `onStarted` are called when the script was seen not to have started yet, and to have started. */
type RunnerWatch = {
  job: JobId;
  timeoutSeconds: number;
  cancel: Task;
  onStarting: () => void;
  onStarted: () => void;
};

/**
 * Watches a launched runner until its script's exit record exists: by its event, and by inspections at growing intervals. The script must
 * start within the maximum time for a start, and end within its timeout, which counts from its start. An exit record takes precedence over
 * a cancellation and the deadlines.
 */
export function* watchRunner(run: OrchestrationRun, watch: RunnerWatch): Steps<WatchOutcome> {
  const { context, timing } = run;
  const { job, timeoutSeconds, cancel } = watch;
  const poll = new EventOrPoll(context, 'Exited', {
    min: timing.minRunnerPoll,
    max: timing.maxRunnerPoll,
  });
  let stopSignals = new StopSignals(run, getTimeAfter(context, timing.maxStartWait), cancel);
  let awaitsStart = true;
  try {
    for (;;) {
      yield* poll.next(stopSignals);
      const { stop } = stopSignals;
      const { exit, lost, ...seen } = yield* callActivity(run, 'InspectRunner', { job, awaitsStart });
      const message = seen.message ?? null;
      if (exit) return { kind: 'exit', exit };
      if (stop && stop.reason !== 'deadline') return { kind: 'stop', stop };
      if (lost) return { kind: 'lost', message };
      if (awaitsStart && seen.started) {
        stopSignals.end();
        stopSignals = new StopSignals(run, getDeadline(run, seen.started, timeoutSeconds), cancel);
        awaitsStart = false;
        watch.onStarted();
      } else if (stop) {
        return awaitsStart ? { kind: 'late', message } : { kind: 'stop', stop };
      } else if (awaitsStart) {
        watch.onStarting();
      }
    }
  } finally {
    poll.end();
    stopSignals.end();
  }
}

/**
 * Returns when a script must have ended. The runner enforces the timeout itself, by its own clock; this deadline only ends a job whose runner
 * does not. The start is by the clock of the storage account: if that clock is ahead, the script counts as started now.
 */
const getDeadline = (
  { context, timing }: OrchestrationRun,
  started: string,
  timeoutSeconds: number,
): Date => {
  const startedAt = Math.min(Date.parse(started), context.df.currentUtcDateTime.getTime());
  return new Date(startedAt + (timeoutSeconds + timing.runnerGrace) * 1_000);
};
