import type { Task } from 'durable-functions';
import type { ExitRecord } from '../../../contracts/exit-record.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { Steps } from '../durable.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import { callActivity, type OrchestrationRun } from './call-activity.ts';
import { EventOrPoll } from './event-or-poll.ts';
import { getTimeAfter, StopSignals } from './stop-signals.ts';

/** How waiting for a script's exit ended. `lost`: the runner is gone without an exit record. */
export type RunOutcome =
  | { kind: 'exit'; exit: ExitRecord }
  | { kind: 'stop'; stop: JobStop }
  | { kind: 'lost' };

/**
 * Waits for the exit record of a script, in tasks of the first revision (`watchRunner` is for newer ones): for its event, and by
 * inspecting the runner at growing intervals. An exit record takes precedence over a cancellation and the deadline.
 */
export function* waitForExit(
  run: OrchestrationRun,
  job: JobId,
  timeoutSeconds: number,
  cancel: Task,
): Steps<RunOutcome> {
  const { context, timing } = run;
  const deadline = getTimeAfter(context, timeoutSeconds + timing.runnerGrace);
  const stopSignals = new StopSignals(run, deadline, cancel);
  const poll = new EventOrPoll(context, 'Exited', {
    min: timing.minRunnerPoll,
    max: timing.maxRunnerPoll,
  });
  try {
    for (;;) {
      yield* poll.next(stopSignals);
      const { stop } = stopSignals;
      const { exit, lost } = yield* callActivity(run, 'InspectRunner', { job });
      if (exit) return { kind: 'exit', exit };
      if (stop) return { kind: 'stop', stop };
      if (lost) return { kind: 'lost' };
    }
  } finally {
    poll.end();
    stopSignals.end();
  }
}
