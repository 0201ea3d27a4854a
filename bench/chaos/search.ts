/** A random or differential search for faults. */
export type ChaosSearch = {
  /** The name for `npm run chaos -- --search NAME`. */
  name: string;
  /** The number of cases without `--cases`. */
  cases: number;
  /** Tries a number of cases from a seed. @returns a line per counterexample, sufficient to reproduce it; empty if all checks passed */
  run: (seed: number, cases: number) => Promise<string[]>;
};

/**
 * Runs each search from the seed and prints a line per search, then its first counterexamples.
 *
 * @returns whether no search found a counterexample
 */
export const runSearches = async (
  searches: readonly ChaosSearch[],
  seed: number,
  cases: number | undefined,
): Promise<boolean> => {
  let found = 0;
  for (const search of searches) {
    const count = cases ?? search.cases;
    const began = performance.now();
    const counterexamples = await search.run(seed, count).catch((error: unknown) => [String(error)]);
    const seconds = ((performance.now() - began) / 1_000).toFixed(1);
    const verdict = counterexamples.length > 0 ? 'BAD' : 'ok ';
    console.log(`${verdict} ${search.name}: ${count} cases, seed ${seed}, ${seconds} s`);
    for (const line of counterexamples.slice(0, 20)) console.log(`  ${line}`);
    found += counterexamples.length;
  }
  return found === 0;
};
