const hour = 3_600_000;

/** What floating point may get wrong in a sum of levels. */
export const rounding = 1e-6;

/** A token bucket: it holds at most `size` tokens, and fills up by as many in an hour. Times are in milliseconds. */
export class Bucket {
  #size: number;
  #level: number;
  #at: number;

  /** @param level tokens at the start; by default it is full */
  constructor(size: number, now: number, level = size) {
    this.#size = size;
    this.#level = Math.min(size, level);
    this.#at = now;
  }

  get size(): number {
    return this.#size;
  }

  /** Returns the tokens in the bucket. A clock that goes back adds none. */
  level(now: number): number {
    const passed = Math.max(0, now - this.#at);
    this.#level = Math.min(this.#size, this.#level + (passed / hour) * this.#size);
    this.#at = Math.max(this.#at, now);
    return this.#level;
  }

  /** Returns how long the bucket takes to hold so many tokens, in milliseconds; `Infinity` if it never does. */
  waitFor(tokens: number, now: number): number {
    const missing = tokens - this.level(now);
    if (missing <= rounding) return 0;
    return tokens > this.#size ? Infinity : (missing / this.#size) * hour;
  }

  /** Takes tokens, also those that are not there yet: then the bucket owes them. */
  take(tokens: number, now: number): void {
    this.#level = this.level(now) - tokens;
  }

  /** Changes the size. A larger bucket is not fuller than before, a smaller one loses what it cannot hold. */
  resize(size: number, now: number): void {
    this.#level = Math.min(size, this.level(now));
    this.#size = size;
  }
}
