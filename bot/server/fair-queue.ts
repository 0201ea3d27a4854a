type QueuedTask = { isFirst: boolean; start: () => void };

/**
 * Runs tasks with a concurrency limit, one at a time per key. Keys take turns, so that a key with many tasks does not block the
 * others; tasks with priority come first.
 */
export class FairQueue {
  readonly #maxConcurrent: number;
  /** Waiting tasks by key; the key whose turn is next comes first. */
  readonly #waiting = new Map<string, QueuedTask[]>();
  readonly #busy = new Set<string>();
  #length = 0;
  #onEmpty: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#maxConcurrent = atOnce;
  }

  /** The number of waiting tasks. */
  get length(): number {
    return this.#length;
  }

  /** Runs a task when its turn comes. */
  async run<T>(key: string, isFirst: boolean, task: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), { isFirst, start }]);
      this.#length += 1;
      this.#startNext();
    });
    try {
      return await task();
    } finally {
      this.#busy.delete(key);
      this.#moveToEnd(key);
      this.#startNext();
    }
  }

  /** Resolves when no task is waiting. */
  async waitUntilEmpty(): Promise<void> {
    if (this.#length > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
  }

  #startNext(): void {
    while (this.#busy.size < this.#maxConcurrent) {
      const key = this.#next();
      if (key === undefined) break;
      const [one, ...others] = this.#waiting.get(key) ?? [];
      if (others.length > 0) this.#waiting.set(key, others);
      else this.#waiting.delete(key);
      this.#length -= 1;
      this.#busy.add(key);
      one?.start();
    }
    if (this.#length === 0) for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  #moveToEnd(key: string): void {
    const waiting = this.#waiting.get(key);
    if (!waiting) return;
    this.#waiting.delete(key);
    this.#waiting.set(key, waiting);
  }

  #next(): string | undefined {
    const free = [...this.#waiting].filter(([key]) => !this.#busy.has(key));
    const [key] = free.find(([, [first]]) => first?.isFirst) ?? free[0] ?? [];
    return key;
  }
}
