import { systemClock, type Clock } from './clock.ts';

/**
 * Runs a function repeatedly, never twice at once. Each run returns the delay until the next one, in milliseconds; `Infinity` waits for
 * `wake`.
 */
export class PollLoop {
  readonly #run: () => Promise<number>;
  readonly #clock: Clock;
  #cancelTimer: () => void = () => {};
  /** When the next run is due, by the clock. */
  #due = Infinity;
  #running: Promise<void> | undefined;
  #isStopped = false;

  /** @param run must not reject: it decides what its own errors mean for the next run */
  constructor(run: () => Promise<number>, clock: Clock = systemClock) {
    this.#run = run;
    this.#clock = clock;
  }

  /** Starts the loop, or brings its next run forward to a time from now, in milliseconds. */
  wake(milliseconds = 0): void {
    if (this.#isStopped) return;
    const due = this.#clock.now() + milliseconds;
    if (due >= this.#due) return;
    this.#due = due;
    if (!this.#running) this.#schedule();
  }

  /** Prevents further runs. Resolves when the current one has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer();
    await this.#running;
  }

  #schedule(): void {
    this.#cancelTimer();
    const start = () => {
      this.#running = this.#runOnce();
    };
    this.#cancelTimer = this.#clock.after(Math.max(0, this.#due - this.#clock.now()), start);
  }

  async #runOnce(): Promise<void> {
    this.#due = Infinity;
    const delay = await this.#run();
    this.#running = undefined;
    this.#due = Math.min(this.#due, this.#clock.now() + delay);
    if (!this.#isStopped) this.#schedule();
  }
}
