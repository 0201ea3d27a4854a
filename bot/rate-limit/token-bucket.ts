const hourMilliseconds = 3_600_000;

/** The tolerance for floating-point errors in a sum of levels. */
export const tolerance = 1e-6;

/** A token bucket that holds at most `size` tokens and refills at `size` tokens an hour. Times are in milliseconds. */
export class TokenBucket {
  #size: number;
  #level: number;
  #updatedAt: number;

  /** @param level the initial number of tokens; full by default */
  constructor(size: number, now: number, level = size) {
    this.#size = size;
    this.#level = Math.min(size, level);
    this.#updatedAt = now;
  }

  get size(): number {
    return this.#size;
  }

  /** Returns the tokens in the bucket. A clock that goes backwards adds none. */
  level(now: number): number {
    const passed = Math.max(0, now - this.#updatedAt);
    this.#level = Math.min(this.#size, this.#level + (passed / hourMilliseconds) * this.#size);
    this.#updatedAt = Math.max(this.#updatedAt, now);
    return this.#level;
  }

  /** Returns the time until the bucket holds a number of tokens, in milliseconds; `Infinity` if it never will. */
  getWait(tokens: number, now: number): number {
    const missing = tokens - this.level(now);
    if (missing <= tolerance) return 0;
    return tokens > this.#size ? Infinity : (missing / this.#size) * hourMilliseconds;
  }

  /** Takes tokens, even if the bucket does not hold them yet; its level can become negative. */
  take(tokens: number, now: number): void {
    this.#level = this.level(now) - tokens;
  }

  /** Changes the size. A larger bucket gets no extra tokens, and a smaller one loses the tokens that do not fit. */
  resize(size: number, now: number): void {
    this.#level = Math.min(size, this.level(now));
    this.#size = size;
  }
}
