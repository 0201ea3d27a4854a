import * as fc from 'fast-check';
import { isVisibleInFull } from '../../../chatops/reply/exact-text.ts';
import { deceptiveValue, describeMismatch } from '../../../test/fixtures/deceptive-values.ts';
import type { ChaosSearch } from '../search.ts';

/** Searches for values that an approver would read as other values. */
export const shownValues: ChaosSearch = {
  name: 'shown-values',
  cases: 50_000,
  run: async (seed, cases) =>
    fc
      .sample(deceptiveValue, { seed, numRuns: cases })
      .filter((value) => value !== '' && isVisibleInFull(value))
      .flatMap((value) => describeMismatch(value) ?? []),
};
