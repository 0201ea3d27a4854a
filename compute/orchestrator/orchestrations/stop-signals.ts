import type { OrchestrationContext, Task, TimerTask } from 'durable-functions';
import { parseStop, type JobStop } from '../job/cancellation-marker.ts';
import { isSettled } from './when-any.ts';

/** Creates a timer that fires after `seconds`. */
export const createTimerAfter = (context: OrchestrationContext, seconds: number): TimerTask =>
  context.df.createTimer(getTimeAfter(context, seconds));

/** Returns the time `seconds` after the orchestration's current time. */
export const getTimeAfter = (context: OrchestrationContext, seconds: number): Date =>
  new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000);

/** Cancels the timers that have not fired: an instance with a pending timer does not end. */
export const cancelTimers = (...timers: readonly (TimerTask | undefined)[]): void =>
  timers.forEach((timer) => timer && !isSettled(timer) && timer.cancel());

/** The signals that stop a job before its work is done: the `Cancel` event and the deadline. */
export class StopSignals {
  readonly #cancel: Task;
  readonly #deadline: TimerTask;

  /** @param cancel the waiter for `Cancel`. An instance must have only one: any other would consume the event */
  constructor(
    context: OrchestrationContext,
    deadline: Date,
    cancel = context.df.waitForExternalEvent('Cancel'),
  ) {
    this.#cancel = cancel;
    this.#deadline = context.df.createTimer(deadline);
  }

  /** The tasks to pass to each `whenAny`. */
  get tasks(): readonly Task[] {
    return [this.#cancel, this.#deadline];
  }

  /** The signal that has arrived; undefined if none has. */
  get stop(): JobStop | undefined {
    if (this.#cancel.isCompleted) return parseStop(this.#cancel.result);
    if (this.#deadline.isCompleted) return { reason: 'deadline', by: null };
    return undefined;
  }

  /** Cancels the deadline's timer. */
  end(): void {
    cancelTimers(this.#deadline);
  }
}
