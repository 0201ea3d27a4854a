import type { OrchestrationContext, Task, TimerTask } from 'durable-functions';
import { parseStop, type JobStop } from '../job/cancellation-marker.ts';
import type { Steps } from '../durable.ts';
import { callActivity, type OrchestrationRun } from './call-activity.ts';
import { isSettled, whenAny } from './when-any.ts';

/** Creates a timer that fires after `seconds`. */
export const createTimerAfter = (context: OrchestrationContext, seconds: number): TimerTask =>
  context.df.createTimer(getTimeAfter(context, seconds));

/** Returns the time `seconds` after the orchestration's current time. */
export const getTimeAfter = (context: OrchestrationContext, seconds: number): Date =>
  new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000);

/** Cancels the timers that have not fired: on Azure, an instance with a pending timer does not end, also if it fails. */
export const cancelTimers = (...timers: readonly (TimerTask | undefined)[]): void =>
  timers.forEach((timer) => timer && !isSettled(timer) && timer.cancel());

/**
 * The maximum length of a timer. The Durable Functions extension makes several timers of one that is longer than six days, counted from
 * when it learns of it, which in a replay can be days earlier; and it cannot cancel these timers correctly
 * (docs/decisions/54-hosted-orchestrations.md).
 */
const maxTimerSeconds = 2 * 86_400;

/** The signals that stop a job before its work is done: the `Cancel` event and the deadline. */
export class StopSignals {
  readonly #run: OrchestrationRun;
  readonly #cancel: Task;
  readonly #deadline: Date;
  /** The timer of the deadline, or of a step on the way to it. */
  #timer: TimerTask;
  #isLastTimer = false;

  /** @param cancel the waiter for `Cancel`. An instance must have only one: any other would consume the event */
  constructor(run: OrchestrationRun, deadline: Date, cancel = run.context.df.waitForExternalEvent('Cancel')) {
    this.#run = run;
    this.#cancel = cancel;
    this.#deadline = deadline;
    this.#timer = this.#createTimer();
  }

  /** Waits until at least one of the tasks has settled or a stop signal has arrived. */
  *waitForAny(tasks: readonly Task[]): Steps<void> {
    for (;;) {
      yield* whenAny(this.#run.context, [this.#cancel, this.#timer, ...tasks]);
      if (!isSettled(this.#timer) || this.#isDeadlineOver) return;
      // Makes the extension wait until now before it learns of the next timer.
      yield* callActivity(this.#run, 'Checkpoint', undefined);
      this.#timer = this.#createTimer();
    }
  }

  /** The signal that has arrived; undefined if none has. */
  get stop(): JobStop | undefined {
    if (this.#cancel.isCompleted) return parseStop(this.#cancel.result);
    if (this.#timer.isCompleted && this.#isDeadlineOver) return { reason: 'deadline', by: null };
    return undefined;
  }

  /** Cancels the deadline's timer. */
  end(): void {
    cancelTimers(this.#timer);
  }

  get #isDeadlineOver(): boolean {
    return this.#isLastTimer || this.#run.context.df.currentUtcDateTime >= this.#deadline;
  }

  #createTimer(): TimerTask {
    const { context } = this.#run;
    const step = getTimeAfter(context, maxTimerSeconds);
    this.#isLastTimer = this.#deadline <= step;
    return context.df.createTimer(this.#isLastTimer ? this.#deadline : step);
  }
}
