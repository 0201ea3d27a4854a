/** A clock and its timers, in milliseconds. Tests bring their own. */
export type Clock = {
  now(): number;
  /** Calls back once, later. @returns what cancels it */
  after(milliseconds: number, callBack: () => void): () => void;
};

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, callBack) => {
    const timer = setTimeout(callBack, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** How long a transfer may go without a byte, in milliseconds. */
const maxSilence = 10_000;
/** The least average, in bytes a second. */
const minBytesPerSecond = 16 * 1024;
/** The average does not count so early, in milliseconds. */
const grace = 10_000;
/** What the event loop may be late, in milliseconds, before that counts as our own delay and not as the peer's. */
const maxLateness = 100;
/** What we then allow, in milliseconds, to read what has come meanwhile. */
const catchUp = 1_000;

/** Watches a transfer, and ends it once when its peer is too slow: 10 s without a byte, or less than 16 KiB/s on average. */
export class Pace {
  readonly #clock: Clock;
  readonly #onTooSlow: () => void;
  #bytes = 0;
  #began: number;
  #last: number;
  #cancel: () => void = () => {};

  constructor(clock: Clock, onTooSlow: () => void) {
    this.#clock = clock;
    this.#onTooSlow = onTooSlow;
    this.#began = this.#last = clock.now();
    this.#arm();
  }

  /** Notes bytes that have come, or gone. */
  moved(bytes: number): void {
    this.#bytes += bytes;
    this.#last = this.#clock.now();
  }

  /** Does not count some time against the peer, in milliseconds: it had to wait for us. */
  waive(milliseconds: number): void {
    this.#began += milliseconds;
    this.#last += milliseconds;
  }

  /** Watches no longer. */
  end(): void {
    this.#cancel();
  }

  /** When the transfer will have been too slow unless more moves. */
  get #due(): number {
    const byAverage = this.#began + grace + (this.#bytes / minBytesPerSecond) * 1_000;
    return Math.min(this.#last + maxSilence, byAverage);
  }

  #arm(): void {
    const wait = Math.max(0, this.#due - this.#clock.now());
    const wakes = this.#clock.now() + wait;
    this.#cancel = this.#clock.after(wait, () => this.#check(this.#clock.now() - wakes));
  }

  #check(late: number): void {
    // While this process was busy, what its peer sent has waited for us.
    if (late > maxLateness) this.waive(late + catchUp);
    if (this.#clock.now() < this.#due) this.#arm();
    else this.#onTooSlow();
  }
}
