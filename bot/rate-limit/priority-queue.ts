type QueuedTask = { rank: number; start: () => void };

/** Runs tasks with a concurrency limit; waiting tasks start by lowest rank, then by age. */
export class PriorityQueue {
  readonly #maxConcurrent: number;
  readonly #waiting: QueuedTask[] = [];
  #running = 0;

  constructor(atOnce: number) {
    this.#maxConcurrent = atOnce;
  }

  async run<T>(rank: number, task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#maxConcurrent)
      await new Promise<void>((start) => this.#enqueue({ rank, start }));
    else this.#running += 1;
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next.start();
      else this.#running -= 1;
    }
  }

  #enqueue(one: QueuedTask): void {
    const at = this.#waiting.findIndex(({ rank }) => rank > one.rank);
    this.#waiting.splice(at === -1 ? this.#waiting.length : at, 0, one);
  }
}
