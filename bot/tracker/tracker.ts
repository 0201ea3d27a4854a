import type { CommentId } from '../../contracts/comment-id.ts';
import { systemClock, type Clock } from '../../runtime/async/clock.ts';
import { PollLoop } from '../../runtime/async/poll-loop.ts';
import { Reconciler, type ReconcilerOptions } from './reconciler.ts';

/** Keeps the replies of all threads up to date in a poll loop. */
export class Tracker {
  readonly #reconciler: Reconciler;
  readonly #loop: PollLoop;

  constructor(options: ReconcilerOptions, clock: Clock = systemClock) {
    this.#reconciler = new Reconciler({ now: () => clock.now(), ...options });
    this.#loop = new PollLoop(() => this.#reconciler.runRound(() => this.#loop.wake()), clock);
  }

  /** Polls at once, because this bot now leads or a job was started. */
  wake(): void {
    this.#reconciler.requestPoll();
    this.#loop.wake();
  }

  /** Polls more often for a while, because a comment with a command arrived: this bot or the Action may start a job. */
  expectJob(): void {
    this.#reconciler.expectJob();
    this.#loop.wake();
  }

  /** Takes over the reply to a comment, by id, because its webhook has written the reply or given up. */
  takeOver(comment: CommentId): void {
    this.#reconciler.endHeadStart(comment);
    this.#loop.wake();
  }

  /** Stops the loop. Resolves when the current writes are done. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#reconciler.waitUntilIdle();
  }
}
