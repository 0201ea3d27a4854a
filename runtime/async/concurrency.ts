/** Runs an operation as soon as fewer than the maximum run, in the order of the calls. */
export type ConcurrencyLimit = <T>(operation: () => Promise<T>) => Promise<T>;

/** Returns a function that runs at most `max` of its operations at once. */
export const createConcurrencyLimit = (max: number): ConcurrencyLimit => {
  let free = max;
  const waiting: (() => void)[] = [];
  return async (operation) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await operation();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
};
