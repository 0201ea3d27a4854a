/** Runs operations with the same key one at a time, in the order of the calls. Operations with different keys do not wait for each other. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs an operation when all earlier ones with the key have settled. */
  run<T>(key: string, operation: () => Promise<T>): Promise<T> {
    const result = (this.#tails.get(key) ?? Promise.resolve()).then(operation);
    const end = () => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    };
    const tail: Promise<void> = result.then(end, end);
    this.#tails.set(key, tail);
    return result;
  }

  /** Resolves when no operation runs or waits. */
  async waitUntilIdle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }
}
