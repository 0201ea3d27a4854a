/** What the isolation needs to know about a message: how many of its deliveries vanished. */
type Delivery = { vanished: number };

/** What to do with messages that were just received. */
export type IsolationPlan<T> = {
  run: T[];
  /** Returned to the queue before any of `run` starts. */
  returnToQueue: T[];
};

/**
 * Isolates poison messages: a message of which a delivery vanished is a suspect and runs alone, so that a crash affects nothing else.
 * After a start, and after each suspect, messages are received one at a time until as many as there are slots have arrived without a
 * suspect among them. Those can run at once.
 */
export class PoisonIsolation<T extends Delivery> {
  readonly #slots: number;
  #cleanInRow = 0;
  /** Whether a suspect runs, or waits until nothing else runs. */
  #isIsolating = false;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** Returns how many messages may be received while so many run; 0 until one of those has ended. */
  getCapacity(inFlight: number): number {
    if (inFlight === 0) this.#isIsolating = false;
    if (this.#isIsolating) return 0;
    const free = this.#slots - inFlight;
    return this.#cleanInRow < this.#slots ? Math.min(1, free) : free;
  }

  /** Decides which of the received messages run while so many others run. */
  isolate(received: readonly T[], inFlight: number): IsolationPlan<T> {
    const suspects = received.filter(({ vanished }) => vanished > 0);
    const clean = received.filter(({ vanished }) => vanished === 0);
    const [first, ...others] = suspects;
    if (first === undefined) {
      this.#cleanInRow += clean.length;
      return { run: clean, returnToQueue: [] };
    }
    this.#cleanInRow = 0;
    this.#isIsolating = true;
    const isIdle = inFlight === 0 && clean.length === 0;
    return isIdle ? { run: [first], returnToQueue: others } : { run: clean, returnToQueue: suspects };
  }
}
