import type { Logger } from './log.ts';

const windowMilliseconds = 60_000;
const maxLines = 20;

/**
 * Logs warnings about requests of unknown senders, who can send any number of them: at most 20 lines per minute. The first line of a
 * later minute has the number of lines that were omitted before it, as `omitted`.
 */
export class ThrottledLog {
  readonly #log: Logger;
  readonly #now: () => number;
  #windowStart = -Infinity;
  #lines = 0;
  #omitted = 0;

  /** @param now the clock, in milliseconds */
  constructor(log: Logger, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  warn(fields: object, message: string): void {
    if (this.#now() - this.#windowStart >= windowMilliseconds) {
      this.#windowStart = this.#now();
      this.#lines = 0;
    }
    if (this.#lines >= maxLines) {
      this.#omitted += 1;
      return;
    }
    this.#lines += 1;
    this.#log.warn(this.#omitted > 0 ? { ...fields, omitted: this.#omitted } : fields, message);
    this.#omitted = 0;
  }
}
