import type { Search } from '../search.ts';

/** All searches of the campaign, one per file of this folder. */
export const searches: readonly Search[] = [];
