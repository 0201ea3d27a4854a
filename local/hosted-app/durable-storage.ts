/*
 * Azure's storage is durable when a request is answered. Azurite's is not: it saves its tables later, and loses what it had not saved
 * when it crashes. The app does not know that, so its host makes up for it.
 */

/** Writes all data of storage to disk. Resolves with the number of times that storage was restarted. */
export type FlushStorage = () => Promise<number>;

/** Delays outcomes until what they rely on is on disk. */
export class DurableStorage {
  readonly #flush: FlushStorage;
  #restarts = 0;

  constructor(flush: FlushStorage) {
    this.#flush = flush;
  }

  /** Runs an idempotent operation, again if storage was restarted during it. Resolves when its effects are on disk. */
  async runDurably<T>(operation: () => Promise<T>): Promise<T> {
    for (;;) {
      const outcome = await this.runOnce(operation);
      if (outcome.isDurable) return outcome.result;
    }
  }

  /** Runs an operation. `isDurable`: whether its effects are on disk; false if storage was restarted during it. */
  async runOnce<T>(operation: () => Promise<T>): Promise<{ result: T; isDurable: boolean }> {
    const before = this.#restarts;
    const result = await operation();
    this.#restarts = await this.#flush();
    return { result, isDurable: this.#restarts === before };
  }
}
