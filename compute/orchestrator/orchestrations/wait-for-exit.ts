import type { OrchestrationContext, Task } from 'durable-functions';
import type { Steps } from '../durable.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { ExitRecord } from '../../../contracts/exit-record.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import type { Timing } from '../timing.ts';
import { callActivity } from './call-activity.ts';
import { EventOrPoll } from './event-or-poll.ts';
import { StopSignals } from './stop-signals.ts';

/** How waiting for a script's exit ended. `lost`: the runner is gone, and there is no exit record. */
export type RunOutcome =
  | { kind: 'exit'; exit: ExitRecord }
  | { kind: 'stop'; stop: JobStop }
  | { kind: 'lost' };

/**
 * Waits for the script's exit record: until its event comes, and by looks at the runner that become rarer. A script that has
 * ended before a cancel or the deadline was noticed has ended by itself.
 */
export function* waitForExit(
  context: OrchestrationContext,
  timing: Timing,
  job: JobId,
  timeoutSeconds: number,
  cancel: Task,
): Steps<RunOutcome> {
  const seconds = timeoutSeconds + timing.runnerGrace;
  const deadline = new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000);
  const stopSignals = new StopSignals(context, deadline, cancel);
  const poll = new EventOrPoll(context, 'Exited', {
    min: timing.minRunnerPoll,
    max: timing.maxRunnerPoll,
  });
  for (;;) {
    yield* poll.next(stopSignals);
    const { stop } = stopSignals;
    const { exit, lost } = yield* callActivity(context, timing, 'InspectRunner', { job });
    if (!exit && !stop && !lost) continue;
    poll.end();
    stopSignals.end();
    if (exit) return { kind: 'exit', exit };
    return stop ? { kind: 'stop', stop } : { kind: 'lost' };
  }
}
