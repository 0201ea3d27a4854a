import type { OrchestrationContext, Task, TimerTask } from 'durable-functions';
import type { Steps } from '../durable.ts';
import type { JobStop } from '../job/cancellation-marker.ts';
import type { OrchestrationRun } from './call-activity.ts';
import { parseBlocksDone } from './seen-blocks.ts';
import { cancelTimers, createTimerAfter, type StopSignals } from './stop-signals.ts';
import { isSettled } from './when-any.ts';

/** The seconds between polls: the first interval, doubled after each poll up to the maximum. */
export type PollInterval = { min: number; max: number };

/** Waits for an event or the next poll, whichever is first: events are only hints and can be lost. */
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

  /** Waits until the event arrives, the next poll is due or a stop signal arrives. */
  *next(stopSignals: StopSignals): Steps<void> {
    if (isSettled(this.#eventTask)) this.#eventTask = this.#context.df.waitForExternalEvent(this.#event);
    if (isSettled(this.#timer)) {
      this.#seconds = Math.min(this.#seconds * 2, this.#maxSeconds);
      this.#timer = createTimerAfter(this.#context, this.#seconds);
    }
    yield* stopSignals.waitForAny([this.#eventTask, this.#timer]);
  }

  /** Cancels the poll's timer. */
  end(): void {
    cancelTimers(this.#timer);
  }
}

/** After so many polls without progress, about half an hour, blocks count as lost even if the queue is not short. */
const maxSilentPolls = 8;

/** How often in a row the next poll is early because the queue was not short. */
const maxQuickPolls = 4;

export type BatchEvent =
  | { kind: 'blocks'; blocks: number[] }
  | { kind: 'poll' }
  | { kind: 'stop'; stop: JobStop };

/**
 * Waits for the events of a batch or its next poll. One waiter for events and one timer exist at a time, each until it has settled.
 * The interval between polls is `minBatchPoll` seconds at first, and doubles after each poll without progress.
 */
export class BatchPoller {
  readonly #run: OrchestrationRun;
  readonly #stopSignals: StopSignals;
  #event: Task;
  #timer: TimerTask | undefined;
  #seconds: number;
  #silentPolls = 0;
  #skippedPuts = 0;

  constructor(run: OrchestrationRun, stopSignals: StopSignals) {
    this.#run = run;
    this.#stopSignals = stopSignals;
    this.#seconds = run.timing.minBatchPoll;
    this.#event = this.#waitForBlocks();
  }

  /** Waits for the next event, poll or stop signal. */
  *next(): Steps<BatchEvent> {
    const { context } = this.#run;
    this.#timer ??= createTimerAfter(context, this.#seconds);
    yield* this.#stopSignals.waitForAny([this.#event, this.#timer]);
    const { stop } = this.#stopSignals;
    if (stop) return { kind: 'stop', stop };
    if (isSettled(this.#event)) {
      const blocks = parseBlocksDone(this.#event.result);
      this.#event = this.#waitForBlocks();
      return { kind: 'blocks', blocks };
    }
    this.#timer = undefined;
    return { kind: 'poll' };
  }

  /** Resets the interval, because blocks have got an output. */
  onProgress(): void {
    const { minBatchPoll } = this.#run.timing;
    this.#silentPolls = 0;
    this.#skippedPuts = 0;
    if (this.#seconds === minBatchPoll) return;
    this.#seconds = minBatchPoll;
    cancelTimers(this.#timer);
    this.#timer = undefined;
  }

  /**
   * Doubles the interval after a poll without progress, and returns what to do: every second time, messages may be lost; after
   * `maxSilentPolls`, they count as lost, whatever the length of the queue.
   */
  onSilentPoll(): 'wait' | 'may-be-lost' | 'lost' {
    this.#seconds = Math.min(this.#seconds * 2, this.#run.timing.maxBatchPoll);
    this.#silentPolls += 1;
    if (this.#silentPolls % 2 === 1) return 'wait';
    return this.#silentPolls < maxSilentPolls ? 'may-be-lost' : 'lost';
  }

  /**
   * Makes the next poll early if nothing was put again because the queue was not short: other batches may just have put theirs.
   * Does so at most `maxQuickPolls` times in a row.
   */
  onPutSkipped(): void {
    this.#skippedPuts += 1;
    if (this.#skippedPuts > maxQuickPolls) return;
    this.#silentPolls -= 1;
    this.#seconds = this.#run.timing.minBatchPoll;
  }

  /** Cancels all timers. */
  end(): void {
    cancelTimers(this.#timer);
    this.#stopSignals.end();
  }

  #waitForBlocks(): Task {
    return this.#run.context.df.waitForExternalEvent('BlocksDone');
  }
}
