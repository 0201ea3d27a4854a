import type { Clock } from '../../runtime/async/clock.ts';

/** A clock that advances only on request. */
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

  /** Advances the time, timer by timer. */
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

  /** Advances the time, timer by timer, until a promise has settled. Every callback of a promise runs before the next timer. */
  async runUntilSettled<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = () => void (isSettled = true);
    promise.then(settle, settle);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isSettled) return promise;
      const next = Math.min(...[...this.#timers.values()].map(({ at }) => at));
      if (next === Infinity) throw new Error('The promise waits for something other than this clock');
      this.advance(next - this.#now);
    }
  }

  /** Advances the time without running timers, like a blocked event loop. */
  stall(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
