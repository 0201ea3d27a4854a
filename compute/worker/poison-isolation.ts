/** What caution must know of a message. */
type Delivery = { vanished: number };

/** What to do with messages just taken. */
export type IsolationPlan<T> = {
  run: T[];
  /** Given back at once, before anything of `run` starts. */
  returnToQueue: T[];
};

/**
 * Keeps a message that kills its worker from taking others with it. A message of which a delivery vanished is a suspect, and
 * runs only when nothing else is in hand. After a start, and after each suspect, messages are taken one at a time until as
 * many as there are slots came without a suspect among them; those may run at once.
 */
export class PoisonIsolation<T extends Delivery> {
  readonly #slots: number;
  #cleanInRow = 0;
  /** A suspect runs, or waits for empty hands. */
  #isIsolating = false;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** How many messages to take with so many in hand; 0: wait until one of those is done. */
  getCapacity(inFlight: number): number {
    if (inFlight === 0) this.#isIsolating = false;
    if (this.#isIsolating) return 0;
    const free = this.#slots - inFlight;
    return this.#cleanInRow < this.#slots ? Math.min(1, free) : free;
  }

  /** Sorts messages that were taken with so many in hand. */
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
