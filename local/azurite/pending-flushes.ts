/** The flushes that callers wait for. If a process exits before it completes one, the next process is asked for it. */
export class PendingFlushes {
  readonly #waiting = new Map<number, () => void>();
  readonly #ask: (id: number) => void;
  #count = 0;
  #ready = false;

  constructor(ask: (id: number) => void) {
    this.#ask = ask;
  }

  /** Requests a flush. Resolves when a process has completed it. */
  request(): Promise<void> {
    return new Promise((resolve) => {
      const id = (this.#count += 1);
      this.#waiting.set(id, resolve);
      if (this.#ready) this.#ask(id);
    });
  }

  processReady(): void {
    this.#ready = true;
    for (const id of this.#waiting.keys()) this.#ask(id);
  }

  processGone(): void {
    this.#ready = false;
  }

  complete(id: number): void {
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }
}
