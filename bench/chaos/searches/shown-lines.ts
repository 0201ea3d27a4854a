import * as fc from 'fast-check';
import { commentWithCommands, describeHidden } from '../../../test/fixtures/comments/shown-lines.ts';
import type { Search } from '../search.ts';

/** Searches for commands whose lines people see differently from what would run. */
export const shownLines: Search = {
  name: 'shown-lines',
  cases: 100_000,
  run: async (seed, cases) =>
    fc.sample(commentWithCommands, { seed, numRuns: cases }).flatMap((body) => describeHidden(body) ?? []),
};
