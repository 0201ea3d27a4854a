import { PollLoop } from '../../runtime/async/poll-loop.ts';
import { Reconciler, type ReconcilerOptions } from './reconciler.ts';

/** Keeps the replies of all threads up to date, round after round. */
export class Tracker {
  readonly #reconciler: Reconciler;
  readonly #loop = new PollLoop(() => this.#reconciler.runRound(() => this.#loop.wake()));

  constructor(options: ReconcilerOptions) {
    this.#reconciler = new Reconciler(options);
  }

  /** It leads now, or a job was started: it looks at once. */
  wake(): void {
    this.#reconciler.requestPoll();
    this.#loop.wake();
  }

  /** A comment's webhook has replied, or given up: its reply is the tracker's from here on. */
  takeOver(comment: number): void {
    this.#reconciler.endHeadStart(comment);
    this.#loop.wake();
  }

  /** No further round; resolves when the writes under way are done. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#reconciler.waitUntilIdle();
  }
}
