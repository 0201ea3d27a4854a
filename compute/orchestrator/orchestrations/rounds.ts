import type { OrchestrationContext, Task, TimerTask } from 'durable-functions';
import type { Steps } from '../durable.ts';
import type { Stop } from '../job/cancellation-marker.ts';
import type { Timing } from '../timing.ts';
import { isOver, race } from './when-any.ts';
import { blocksDone } from './seen-blocks.ts';
import { cancelTimers, timerAfter, type Watch } from './stop-signals.ts';

/** Silent rounds, about half an hour in all, after which a queue that is not short says nothing any more. */
const patience = 8;

/** How often in a row a queue that was not short is looked at again soon. */
const quickLooks = 4;

export type News = { kind: 'blocks'; blocks: number[] } | { kind: 'round' } | { kind: 'stop'; stop: Stop };

/**
 * A batch's waiting: one waiter for events and one timer, each kept until it is over. A round lasts `firstRound` seconds,
 * and twice as long as the one before it after each round without progress.
 */
export class Rounds {
  readonly #context: OrchestrationContext;
  readonly #watch: Watch;
  readonly #timing: Timing;
  #event: Task;
  #timer: TimerTask | undefined;
  #seconds: number;
  #silent = 0;
  #again = 0;

  constructor(context: OrchestrationContext, watch: Watch, timing: Timing) {
    this.#context = context;
    this.#watch = watch;
    this.#timing = timing;
    this.#seconds = timing.firstRound;
    this.#event = context.df.waitForExternalEvent('BlocksDone');
  }

  /** Waits for the next thing to happen. */
  *next(): Steps<News> {
    this.#timer ??= timerAfter(this.#context, this.#seconds);
    yield* race(this.#context, [...this.#watch.tasks, this.#event, this.#timer]);
    const { stop } = this.#watch;
    if (stop) return { kind: 'stop', stop };
    if (isOver(this.#event)) {
      const blocks = blocksDone(this.#event.result);
      this.#event = this.#context.df.waitForExternalEvent('BlocksDone');
      return { kind: 'blocks', blocks };
    }
    this.#timer = undefined;
    return { kind: 'round' };
  }

  /** After progress rounds are short again. */
  progress(): void {
    this.#silent = 0;
    this.#again = 0;
    if (this.#seconds === this.#timing.firstRound) return;
    this.#seconds = this.#timing.firstRound;
    cancelTimers(this.#timer);
    this.#timer = undefined;
  }

  /**
   * A round went by without progress. Every second time something may have been lost; after very many it has to be taken for lost,
   * however long the queue is.
   */
  silence(): 'wait' | 'may-be-lost' | 'lost' {
    this.#seconds = Math.min(this.#seconds * 2, this.#timing.lastRound);
    this.#silent += 1;
    if (this.#silent % 2 === 1) return 'wait';
    return this.#silent < patience ? 'may-be-lost' : 'lost';
  }

  /**
   * Nothing was put again, for the queue was not short: perhaps only because other batches had just done so. The first few times
   * this is looked into again soon.
   */
  again(): void {
    this.#again += 1;
    if (this.#again > quickLooks) return;
    this.#silent -= 1;
    this.#seconds = this.#timing.firstRound;
  }

  end(): void {
    cancelTimers(this.#timer);
    this.#watch.end();
  }
}
