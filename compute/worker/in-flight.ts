/** Counts the blocks that run at once. */
export class InFlight {
  #count = 0;
  #changed = Promise.withResolvers<void>();

  get count(): number {
    return this.#count;
  }

  /** Counts a block until it has ended. Its promise must not reject. */
  add(block: Promise<void>): void {
    this.#count += 1;
    void this.#remove(block);
  }

  /** Resolves when the next block has ended, or `wake` is called. */
  waitForChange(): Promise<void> {
    return this.#changed.promise;
  }

  /** Resolves all current calls of `waitForChange`. */
  wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Resolves when no block runs. */
  async waitUntilEmpty(): Promise<void> {
    while (this.#count > 0) await this.waitForChange();
  }

  async #remove(block: Promise<void>): Promise<void> {
    await block;
    this.#count -= 1;
    this.wake();
  }
}
