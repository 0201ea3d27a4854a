import type { Launcher } from '../../launcher/port.ts';
import type { Storage } from '../../storage/port.ts';
import type { Algorithm } from '../../algorithms/algorithm.ts';
import type { InputSources } from '../inputs/sources.ts';
import type { ConcurrencyLimit } from '../../../runtime/async/concurrency.ts';

/** What activities act on. */
export type ActivityDependencies = {
  storage: Storage;
  launcher: Launcher;
  algorithms: ReadonlyMap<string, Algorithm>;
  sources: InputSources;
  /** The longest that a task may run, in seconds. */
  maxSeconds: number;
  /** Makes durable what a reported end rests on. */
  flush: () => Promise<void>;
  /** Storage operations of all activities at once. */
  limitStorage: ConcurrencyLimit;
  /** Batches that put their blocks at once: few, so that workers get whole batches early and progress shows. */
  limitPutting: ConcurrencyLimit;
};
