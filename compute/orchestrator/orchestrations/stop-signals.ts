import type { OrchestrationContext, Task, TimerTask } from 'durable-functions';
import { parseStop, type JobStop } from '../job/cancellation-marker.ts';
import { isSettled } from './when-any.ts';

/** A timer that rings `seconds` after now. */
export const createTimerAfter = (context: OrchestrationContext, seconds: number): TimerTask =>
  context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000));

/** Cancels timers that have not rung: a pending one would keep its instance from ending. */
export const cancelTimers = (...timers: readonly (TimerTask | undefined)[]): void =>
  timers.forEach((timer) => timer && !isSettled(timer) && timer.cancel());

/** Looks out for what stops a job before its end: the `Cancel` event and the deadline. */
export class StopSignals {
  readonly #cancel: Task;
  readonly #deadline: TimerTask;

  /** @param cancel the waiter for `Cancel`, of which an instance may have only one: the others would swallow the event */
  constructor(
    context: OrchestrationContext,
    deadline: Date,
    cancel = context.df.waitForExternalEvent('Cancel'),
  ) {
    this.#cancel = cancel;
    this.#deadline = context.df.createTimer(deadline);
  }

  /** To take part in each race. */
  get tasks(): readonly Task[] {
    return [this.#cancel, this.#deadline];
  }

  get stop(): JobStop | undefined {
    if (this.#cancel.isCompleted) return parseStop(this.#cancel.result);
    if (this.#deadline.isCompleted) return { reason: 'deadline', by: null };
    return undefined;
  }

  end(): void {
    cancelTimers(this.#deadline);
  }
}
