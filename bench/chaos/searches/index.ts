import type { ChaosSearch } from '../search.ts';
import { growth } from './growth/growth.ts';
import { rawHttp } from './raw-http/raw-http.ts';
import { reconciliation } from './reconciliation/reconciliation.ts';
import { shownLines } from './shown-lines.ts';
import { shownValues } from './shown-values.ts';
import { visibleCommands } from './visible-commands.ts';
import { writeBudget } from './write-budget.ts';

/** All searches of the chaos test, one per file or folder here. */
export const searches: readonly ChaosSearch[] = [
  growth,
  rawHttp,
  reconciliation,
  shownLines,
  shownValues,
  visibleCommands,
  writeBudget,
];
