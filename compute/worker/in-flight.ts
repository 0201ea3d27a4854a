/** What a worker has in hand: pieces of work that run at once. */
export class Hands {
  #count = 0;
  #freed = Promise.withResolvers<void>();

  get count(): number {
    return this.#count;
  }

  /** Takes up a piece of work, which never rejects. */
  take(work: Promise<void>): void {
    this.#count += 1;
    void this.#done(work);
  }

  /** Resolves when the next piece of work is done, or `wake` is called. */
  freed(): Promise<void> {
    return this.#freed.promise;
  }

  /** As `freed`, or when the time is over. */
  async freedWithin(milliseconds: number): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, milliseconds);
    await Promise.race([this.freed(), late.promise]);
    clearTimeout(timer);
  }

  wake(): void {
    this.#freed.resolve();
    this.#freed = Promise.withResolvers();
  }

  /** Resolves when nothing is in hand. */
  async empty(): Promise<void> {
    while (this.#count > 0) await this.freed();
  }

  async #done(work: Promise<void>): Promise<void> {
    await work;
    this.#count -= 1;
    this.wake();
  }
}
