import * as fc from 'fast-check';
import { commentWithCommands, findLineMismatch } from '../../../test/fixtures/comments/shown-lines.ts';
import type { ChaosSearch } from '../search.ts';

/** Searches for commands whose lines people see differently from what would run. */
export const shownLines: ChaosSearch = {
  name: 'shown-lines',
  cases: 100_000,
  run: async (seed, cases) =>
    fc.sample(commentWithCommands, { seed, numRuns: cases }).flatMap((body) => findLineMismatch(body) ?? []),
};
