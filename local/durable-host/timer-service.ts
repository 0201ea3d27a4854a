/** The maximum delay of `setTimeout`, in milliseconds. For a longer wait, the timeout is set again when it fires. */
const maxTimeoutMilliseconds = 2 ** 31 - 1;

/** One timeout for the earliest of all durable timers. */
export class TimerService {
  readonly #ring: () => void;
  readonly #now: () => number;
  #timeout: NodeJS.Timeout | undefined;
  #due: number | null = null;

  constructor(onDue: () => void, now: () => number) {
    this.#ring = onDue;
    this.#now = now;
  }

  /** Sets the time of the next call (milliseconds since 1970; null for none). The call is early if the time is further away than the maximum delay. */
  set(due: number | null): void {
    if (due === this.#due) return;
    clearTimeout(this.#timeout);
    this.#due = due;
    if (due === null) return;
    const wait = Math.min(Math.max(due - this.#now(), 0), maxTimeoutMilliseconds);
    this.#timeout = setTimeout(() => {
      this.#due = null;
      this.#ring();
    }, wait);
  }
}
