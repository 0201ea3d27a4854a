/** What a worker has in hand: pieces of work that run at once. */
export class InFlight {
  #count = 0;
  #changed = Promise.withResolvers<void>();

  get count(): number {
    return this.#count;
  }

  /** Takes up a piece of work, which never rejects. */
  add(work: Promise<void>): void {
    this.#count += 1;
    void this.#remove(work);
  }

  /** Resolves when the next piece of work is done, or `wake` is called. */
  waitForChange(): Promise<void> {
    return this.#changed.promise;
  }

  /** As `freed`, or when the time is over. */
  async waitForChangeUpTo(milliseconds: number): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, milliseconds);
    await Promise.race([this.waitForChange(), late.promise]);
    clearTimeout(timer);
  }

  wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Resolves when nothing is in hand. */
  async waitUntilEmpty(): Promise<void> {
    while (this.#count > 0) await this.waitForChange();
  }

  async #remove(work: Promise<void>): Promise<void> {
    await work;
    this.#count -= 1;
    this.wake();
  }
}
