/** What caution must know of a message. */
type Suspicious = { vanished: number };

/** What to do with messages just taken. */
export type Sorted<T> = {
  run: T[];
  /** Given back at once, before anything of `run` starts. */
  giveBack: T[];
};

/**
 * Keeps a message that kills its worker from taking others with it. A message of which a delivery vanished is a suspect, and
 * runs only when nothing else is in hand. After a start, and after each suspect, messages are taken one at a time until as
 * many as there are slots came without a suspect among them; those may run at once.
 */
export class Caution<T extends Suspicious> {
  readonly #slots: number;
  #innocentInRow = 0;
  /** A suspect runs, or waits for empty hands. */
  #alone = false;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** How many messages to take with so many in hand; 0: wait until one of those is done. */
  mayTake(inHand: number): number {
    if (inHand === 0) this.#alone = false;
    if (this.#alone) return 0;
    const free = this.#slots - inHand;
    return this.#innocentInRow < this.#slots ? Math.min(1, free) : free;
  }

  /** Sorts messages that were taken with so many in hand. */
  sort(taken: readonly T[], inHand: number): Sorted<T> {
    const suspects = taken.filter(({ vanished }) => vanished > 0);
    const innocent = taken.filter(({ vanished }) => vanished === 0);
    const [first, ...others] = suspects;
    if (first === undefined) {
      this.#innocentInRow += innocent.length;
      return { run: innocent, giveBack: [] };
    }
    this.#innocentInRow = 0;
    this.#alone = true;
    const handsFree = inHand === 0 && innocent.length === 0;
    return handsFree ? { run: [first], giveBack: others } : { run: innocent, giveBack: suspects };
  }
}
