import type { OrchestrationContext, Task } from 'durable-functions';
import type { Steps } from '../durable.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { ExitRecord } from '../../../contracts/exit-record.ts';
import type { Stop } from '../job/cancellation-marker.ts';
import type { Timing } from '../timing.ts';
import { call } from './call-activity.ts';
import { Looks } from './event-or-poll.ts';
import { Watch } from './stop-signals.ts';

/** How waiting for a script's exit ended. `lost`: the runner is gone, and there is no exit record. */
export type RunEnd = { kind: 'exit'; exit: ExitRecord } | { kind: 'stop'; stop: Stop } | { kind: 'lost' };

/**
 * Waits for the script's exit record: until its event comes, and by looks at the runner that become rarer. A script that has
 * ended before a cancel or the deadline was noticed has ended by itself.
 */
export function* untilExit(
  context: OrchestrationContext,
  timing: Timing,
  job: JobId,
  timeoutSeconds: number,
  cancel: Task,
): Steps<RunEnd> {
  const seconds = timeoutSeconds + timing.runnerGrace;
  const deadline = new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000);
  const watch = new Watch(context, deadline, cancel);
  const looks = new Looks(context, 'Exited', { first: timing.firstLook, last: timing.lastLook });
  for (;;) {
    yield* looks.next(watch);
    const { stop } = watch;
    const { exit, lost } = yield* call(context, timing, 'InspectRunner', { job });
    if (!exit && !stop && !lost) continue;
    looks.end();
    watch.end();
    if (exit) return { kind: 'exit', exit };
    return stop ? { kind: 'stop', stop } : { kind: 'lost' };
  }
}
