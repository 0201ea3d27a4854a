type Waiting = { rank: number; start: () => void };

/** Runs tasks with a concurrency limit; waiting tasks start by lowest rank, then by age. */
export class PriorityQueue {
  readonly #atOnce: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  async run<T>(rank: number, work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) await new Promise<void>((start) => this.#wait({ rank, start }));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next.start();
      else this.#running -= 1;
    }
  }

  #wait(one: Waiting): void {
    const at = this.#waiting.findIndex(({ rank }) => rank > one.rank);
    this.#waiting.splice(at === -1 ? this.#waiting.length : at, 0, one);
  }
}
