import { exponentialDelay } from '../../../runtime/async/backoff.ts';
import { sleep } from '../../../runtime/async/clock.ts';
import { PollLoop } from '../../../runtime/async/poll-loop.ts';

/** How far a log has grown. `isComplete`: its job has ended, so it no longer grows. */
export type LogExtent = { length: number; isComplete: boolean };

/** The delays between polls: after growth, and then while nothing changes. The runner writes every 2 s. */
const pollDelays = { minMilliseconds: 1_000, maxMilliseconds: 5_000, factor: 1.5 };

/** Polls how far a log has grown, for all its followers. */
export class LogWatch {
  readonly #readExtent: () => Promise<LogExtent>;
  readonly #onFault: (error: unknown) => void;
  readonly #loop = new PollLoop(() => this.#poll());
  #extent: LogExtent = { length: 0, isComplete: false };
  /** Aborted at the next change. */
  #change = new AbortController();
  #quietPolls = 0;
  #isFailing = false;
  #isStopped = false;

  /** @param onFault called when a poll fails after one that did not; it is repeated later */
  constructor(readExtent: () => Promise<LogExtent>, onFault: (error: unknown) => void) {
    this.#readExtent = readExtent;
    this.#onFault = onFault;
    this.#loop.wake();
  }

  get extent(): LogExtent {
    return this.#extent;
  }

  /** Resolves when the log has another extent than the given one, after a time, or once the signal is aborted. */
  async waitForChange(seen: LogExtent, milliseconds: number, signal: AbortSignal): Promise<void> {
    if (this.#extent !== seen) return;
    await sleep(milliseconds, { signal: AbortSignal.any([signal, this.#change.signal]) });
  }

  /** Stops polling. The result of a poll under way is ignored. */
  stop(): void {
    this.#isStopped = true;
    void this.#loop.stop();
  }

  async #poll(): Promise<number> {
    try {
      const { length, isComplete } = await this.#readExtent();
      this.#isFailing = false;
      if (isComplete || length > this.#extent.length) {
        this.#extent = { length, isComplete };
        this.#quietPolls = 0;
        this.#change.abort();
        this.#change = new AbortController();
      } else this.#quietPolls += 1;
    } catch (error) {
      this.#quietPolls += 1;
      if (!this.#isFailing && !this.#isStopped) this.#onFault(error);
      this.#isFailing = true;
    }
    return this.#extent.isComplete ? Infinity : exponentialDelay(this.#quietPolls, pollDelays);
  }
}
