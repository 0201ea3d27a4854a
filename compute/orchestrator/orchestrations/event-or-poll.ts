import type { OrchestrationContext, Task, TimerTask } from 'durable-functions';
import type { Steps } from '../durable.ts';
import { isOver, race } from './when-any.ts';
import { cancelTimers, timerAfter, type Watch } from './stop-signals.ts';

/** When to look: seconds until the first time, doubled each time, up to the last. */
export type Pace = { first: number; last: number };

/** When to look at something: when an event tells of it, and, since events are only hints, from time to time. */
export class Looks {
  readonly #context: OrchestrationContext;
  readonly #event: string;
  readonly #last: number;
  #told: Task;
  #timer: TimerTask;
  #seconds: number;

  constructor(context: OrchestrationContext, event: string, { first, last }: Pace) {
    this.#context = context;
    this.#event = event;
    this.#last = last;
    this.#seconds = first;
    this.#told = context.df.waitForExternalEvent(event);
    this.#timer = timerAfter(context, first);
  }

  /** Waits until it is time to look, or something stops the job. */
  *next(watch: Watch): Steps<void> {
    if (isOver(this.#told)) this.#told = this.#context.df.waitForExternalEvent(this.#event);
    if (isOver(this.#timer)) {
      this.#seconds = Math.min(this.#seconds * 2, this.#last);
      this.#timer = timerAfter(this.#context, this.#seconds);
    }
    yield* race(this.#context, [...watch.tasks, this.#told, this.#timer]);
  }

  end(): void {
    cancelTimers(this.#timer);
  }
}
