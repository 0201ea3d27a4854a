import type { OrchestrationContext, Task, TimerTask } from 'durable-functions';
import type { Steps } from '../durable.ts';
import { isSettled, whenAny } from './when-any.ts';
import { cancelTimers, createTimerAfter, type StopSignals } from './stop-signals.ts';

/** When to look: seconds until the first time, doubled each time, up to the last. */
export type PollInterval = { min: number; max: number };

/** When to look at something: when an event tells of it, and, since events are only hints, from time to time. */
export class EventOrPoll {
  readonly #context: OrchestrationContext;
  readonly #event: string;
  readonly #maxSeconds: number;
  #eventTask: Task;
  #timer: TimerTask;
  #seconds: number;

  constructor(context: OrchestrationContext, event: string, { min, max }: PollInterval) {
    this.#context = context;
    this.#event = event;
    this.#maxSeconds = max;
    this.#seconds = min;
    this.#eventTask = context.df.waitForExternalEvent(event);
    this.#timer = createTimerAfter(context, min);
  }

  /** Waits until it is time to look, or something stops the job. */
  *next(stopSignals: StopSignals): Steps<void> {
    if (isSettled(this.#eventTask)) this.#eventTask = this.#context.df.waitForExternalEvent(this.#event);
    if (isSettled(this.#timer)) {
      this.#seconds = Math.min(this.#seconds * 2, this.#maxSeconds);
      this.#timer = createTimerAfter(this.#context, this.#seconds);
    }
    yield* whenAny(this.#context, [...stopSignals.tasks, this.#eventTask, this.#timer]);
  }

  end(): void {
    cancelTimers(this.#timer);
  }
}
