import { setTimeout as wait } from 'node:timers/promises';

/** Looks at something until it holds. */
export const until = async <T>(what: string, look: () => T | undefined | false): Promise<T> => {
  const giveUp = Date.now() + 15_000;
  for (;;) {
    const found = look();
    if (found) return found;
    if (Date.now() > giveUp) throw new Error(`Waited in vain for: ${what}`);
    await wait(10);
  }
};
