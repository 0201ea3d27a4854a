import type { OrchestrationContext, Task, TimerTask } from 'durable-functions';
import type { Steps } from '../durable.ts';
import { isSettled, whenAny } from './when-any.ts';
import { cancelTimers, createTimerAfter, type StopSignals } from './stop-signals.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import type { Timing } from '../timing.ts';
import { parseBlocksDone } from './seen-blocks.ts';

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

/** Silent rounds, about half an hour in all, after which a queue that is not short says nothing any more. */
const maxSilentPolls = 8;

/** How often in a row a queue that was not short is looked at again soon. */
const maxQuickPolls = 4;

export type BatchEvent =
  | { kind: 'blocks'; blocks: number[] }
  | { kind: 'round' }
  | { kind: 'stop'; stop: JobStop };

/**
 * A batch's waiting: one waiter for events and one timer, each kept until it is over. A round lasts `firstRound` seconds,
 * and twice as long as the one before it after each round without progress.
 */
export class BatchPoller {
  readonly #context: OrchestrationContext;
  readonly #stopSignals: StopSignals;
  readonly #timing: Timing;
  #event: Task;
  #timer: TimerTask | undefined;
  #seconds: number;
  #silentPolls = 0;
  #skippedPuts = 0;

  constructor(context: OrchestrationContext, watch: StopSignals, timing: Timing) {
    this.#context = context;
    this.#stopSignals = watch;
    this.#timing = timing;
    this.#seconds = timing.minBatchPoll;
    this.#event = context.df.waitForExternalEvent('BlocksDone');
  }

  /** Waits for the next thing to happen. */
  *next(): Steps<BatchEvent> {
    this.#timer ??= createTimerAfter(this.#context, this.#seconds);
    yield* whenAny(this.#context, [...this.#stopSignals.tasks, this.#event, this.#timer]);
    const { stop } = this.#stopSignals;
    if (stop) return { kind: 'stop', stop };
    if (isSettled(this.#event)) {
      const blocks = parseBlocksDone(this.#event.result);
      this.#event = this.#context.df.waitForExternalEvent('BlocksDone');
      return { kind: 'blocks', blocks };
    }
    this.#timer = undefined;
    return { kind: 'round' };
  }

  /** After progress rounds are short again. */
  onProgress(): void {
    this.#silentPolls = 0;
    this.#skippedPuts = 0;
    if (this.#seconds === this.#timing.minBatchPoll) return;
    this.#seconds = this.#timing.minBatchPoll;
    cancelTimers(this.#timer);
    this.#timer = undefined;
  }

  /**
   * A round went by without progress. Every second time something may have been lost; after very many it has to be taken for lost,
   * however long the queue is.
   */
  onSilentPoll(): 'wait' | 'may-be-lost' | 'lost' {
    this.#seconds = Math.min(this.#seconds * 2, this.#timing.maxBatchPoll);
    this.#silentPolls += 1;
    if (this.#silentPolls % 2 === 1) return 'wait';
    return this.#silentPolls < maxSilentPolls ? 'may-be-lost' : 'lost';
  }

  /**
   * Nothing was put again, for the queue was not short: perhaps only because other batches had just done so. The first few times
   * this is looked into again soon.
   */
  onPutSkipped(): void {
    this.#skippedPuts += 1;
    if (this.#skippedPuts > maxQuickPolls) return;
    this.#silentPolls -= 1;
    this.#seconds = this.#timing.minBatchPoll;
  }

  end(): void {
    cancelTimers(this.#timer);
    this.#stopSignals.end();
  }
}
