/** The longest wait `setTimeout` knows, in milliseconds; a longer one is armed again when it is over. */
const maxTimeoutMilliseconds = 2 ** 31 - 1;

/** One timeout for the next of all durable timers. */
export class TimerService {
  readonly #ring: () => void;
  readonly #now: () => number;
  #timeout: NodeJS.Timeout | undefined;
  #due: number | null = null;

  constructor(onDue: () => void, now: () => number) {
    this.#ring = onDue;
    this.#now = now;
  }

  /** Rings at `due` (milliseconds since 1970), or a little early for what is far off; null: not at all. */
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
