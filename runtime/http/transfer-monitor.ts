import type { Clock } from '../async/clock.ts';

/** The maximum time without a byte in a transfer, in milliseconds. */
const maxSilenceMilliseconds = 10_000;
/** The minimum average rate, in bytes per second. */
const minBytesPerSecond = 16 * 1024;
/** The grace period before the average counts, in milliseconds. */
const graceMilliseconds = 10_000;
/** The event loop lag, in milliseconds, above which a delay counts as ours instead of the peer's. */
const maxLagMilliseconds = 100;
/** The extra time after such a lag, in milliseconds, to read what has arrived meanwhile. */
const catchUpMilliseconds = 1_000;

/** Monitors a transfer, and ends it if its peer is too slow: 10 s without a byte, or less than 16 KiB/s on average. */
export class TransferMonitor {
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

  /** Records transferred bytes. */
  record(bytes: number): void {
    this.#bytes += bytes;
    this.#last = this.#clock.now();
  }

  /** Excludes a time in which the peer had to wait for us, in milliseconds. */
  waive(milliseconds: number): void {
    this.#began += milliseconds;
    this.#last += milliseconds;
  }

  /** Stops monitoring. */
  stop(): void {
    this.#cancel();
  }

  /** Returns the time at which the transfer will be too slow unless more bytes arrive. */
  get #due(): number {
    const byAverage = this.#began + graceMilliseconds + (this.#bytes / minBytesPerSecond) * 1_000;
    return Math.min(this.#last + maxSilenceMilliseconds, byAverage);
  }

  #arm(): void {
    const wait = Math.max(0, this.#due - this.#clock.now());
    const wakes = this.#clock.now() + wait;
    this.#cancel = this.#clock.after(wait, () => this.#check(this.#clock.now() - wakes));
  }

  #check(late: number): void {
    // While this process was busy, bytes from the peer waited for us.
    if (late > maxLagMilliseconds) this.waive(late + catchUpMilliseconds);
    if (this.#clock.now() < this.#due) this.#arm();
    else this.#onTooSlow();
  }
}
