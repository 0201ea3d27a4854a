/** Something that settles once, such as a task that completes, fails or is canceled. */
export class Wait {
  #isSettled = false;
  #listeners: (() => void)[] = [];

  get isSettled(): boolean {
    return this.#isSettled;
  }

  settle(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#listeners.splice(0).forEach((listener) => listener());
  }

  /** Calls `listener` when this has settled, at once if it already has. */
  onSettled(listener: () => void): void {
    if (this.#isSettled) listener();
    else this.#listeners.push(listener);
  }
}

/** Returns what settles when the first of several does. */
export const waitForAny = (waits: readonly Wait[]): Wait => {
  const any = new Wait();
  waits.forEach((wait) => wait.onSettled(() => any.settle()));
  return any;
};

/** Returns what settles when all of several have. */
export const waitForAll = (waits: readonly Wait[]): Wait => {
  const all = new Wait();
  let pending = waits.length;
  const count = () => {
    pending -= 1;
    if (pending === 0) all.settle();
  };
  if (pending === 0) all.settle();
  waits.forEach((wait) => wait.onSettled(count));
  return all;
};

/** External events of an execution, by their names: the waiters, and the events that arrived before anyone waited. */
export class EventWaits {
  readonly #waiting = new Map<string, Wait[]>();
  readonly #arrived = new Map<string, number>();

  /** Returns what settles with the next event that no newer waiter takes: the newest waiter gets an event. */
  wait(name: string): Wait {
    const wait = new Wait();
    const arrived = this.#arrived.get(name) ?? 0;
    if (arrived > 0) {
      this.#arrived.set(name, arrived - 1);
      wait.settle();
    } else this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), wait]);
    return wait;
  }

  raise(name: string): void {
    const newest = this.#waiting.get(name)?.pop();
    if (newest) newest.settle();
    else this.#arrived.set(name, (this.#arrived.get(name) ?? 0) + 1);
  }
}
