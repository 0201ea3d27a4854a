type Waiting = { isFirst: boolean; start: () => void };

/**
 * Runs at most so many pieces of work at a time, and one at a time of each key. Keys take turns, so that a key with much work
 * keeps no other one waiting for long; work that is to come first does.
 */
export class FairQueue {
  readonly #atOnce: number;
  /** Work that waits, by key; the key whose turn it is stands first. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #busy = new Set<string>();
  #length = 0;
  #onEmpty: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** How many pieces of work wait. */
  get length(): number {
    return this.#length;
  }

  /** Runs the work when it is its turn. */
  async run<T>(key: string, isFirst: boolean, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), { isFirst, start }]);
      this.#length += 1;
      this.#startNext();
    });
    try {
      return await work();
    } finally {
      this.#busy.delete(key);
      this.#putLast(key);
      this.#startNext();
    }
  }

  /** Resolves once nothing waits. */
  async empty(): Promise<void> {
    if (this.#length > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
  }

  #startNext(): void {
    while (this.#busy.size < this.#atOnce) {
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

  #putLast(key: string): void {
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
