/** The longest that a timer of Node can wait. */
const maxTimerMilliseconds = 2 ** 31 - 1;

/**
 * Runs something again and again, never twice at a time: each run says in how many milliseconds the next is due, and `wake`
 * brings that forward. `Infinity`: not before it is woken.
 */
export class PollLoop {
  readonly #run: () => Promise<number>;
  #timer: NodeJS.Timeout | undefined;
  /** When the next run is due, by `performance.now()`. */
  #due = Infinity;
  #running: Promise<void> | undefined;
  #isStopped = false;

  /** @param run must not reject: it knows what a fault of its own means for the next run */
  constructor(run: () => Promise<number>) {
    this.#run = run;
  }

  /** Starts the loop, or has its next run come within `milliseconds`. */
  wake(milliseconds = 0): void {
    if (this.#isStopped) return;
    const due = performance.now() + milliseconds;
    if (due >= this.#due) return;
    this.#due = due;
    if (!this.#running) this.#schedule();
  }

  /** No further run; resolves when the present one has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const start = () => {
      this.#running = this.#runOnce();
    };
    const wait = Math.max(0, this.#due - performance.now());
    this.#timer = setTimeout(start, Math.min(maxTimerMilliseconds, wait));
  }

  async #runOnce(): Promise<void> {
    this.#due = Infinity;
    const next = await this.#run();
    this.#running = undefined;
    this.#due = Math.min(this.#due, performance.now() + next);
    if (!this.#isStopped) this.#schedule();
  }
}
