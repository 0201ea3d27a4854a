import type { OrchestrationContext, Task, TimerTask } from 'durable-functions';
import type { Steps } from '../durable.ts';
import type { JobId } from '../../formats/ids.ts';
import type { ExitRecord } from '../../formats/run.ts';
import type { Stop } from '../stop.ts';
import type { Timing } from '../timing.ts';
import { call } from './call.ts';
import { isOver, race } from './race.ts';
import { cancelTimers, timerAfter, Watch } from './watch.ts';

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
): Steps<RunEnd> {
  const seconds = timeoutSeconds + timing.runnerGrace;
  const watch = new Watch(context, new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000));
  const looks = new Looks(context, timing);
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

/** When to look at a runner: when its exit is told, and from time to time. */
class Looks {
  readonly #context: OrchestrationContext;
  readonly #timing: Timing;
  #exited: Task;
  #timer: TimerTask;
  #seconds: number;

  constructor(context: OrchestrationContext, timing: Timing) {
    this.#context = context;
    this.#timing = timing;
    this.#seconds = timing.firstLook;
    this.#exited = context.df.waitForExternalEvent('Exited');
    this.#timer = timerAfter(context, this.#seconds);
  }

  *next(watch: Watch): Steps<void> {
    if (isOver(this.#exited)) this.#exited = this.#context.df.waitForExternalEvent('Exited');
    if (isOver(this.#timer)) {
      this.#seconds = Math.min(this.#seconds * 2, this.#timing.lastLook);
      this.#timer = timerAfter(this.#context, this.#seconds);
    }
    yield* race(this.#context, [...watch.tasks, this.#exited, this.#timer]);
  }

  end(): void {
    cancelTimers(this.#timer);
  }
}
