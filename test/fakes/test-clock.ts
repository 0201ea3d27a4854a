import type { Clock } from '../../runtime/http/transfer-monitor.ts';

/** A clock that goes when a test says so. */
export class TestClock implements Clock {
  #now = 0;
  readonly #timers = new Map<symbol, { at: number; callBack: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callBack: () => void): () => void {
    const id = Symbol();
    this.#timers.set(id, { at: this.#now + milliseconds, callBack });
    return () => void this.#timers.delete(id);
  }

  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass, timer by timer. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).toSorted(([, a], [, b]) => a.at - b.at);
      const [first] = due;
      if (!first) break;
      const [id, { at, callBack }] = first;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, at);
      callBack();
    }
    this.#now = end;
  }

  /** Lets time pass during which no timer could run. */
  stall(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
