import type { Launcher } from '../../launcher/port.ts';
import type { Storage } from '../../storage/port.ts';
import type { Algorithm } from '../../algorithms/algorithm.ts';
import type { Sources } from '../inputs/sources.ts';
import type { Limit } from './limiter.ts';

/** What activities act on. */
export type Dependencies = {
  storage: Storage;
  launcher: Launcher;
  algorithms: ReadonlyMap<string, Algorithm>;
  sources: Sources;
  /** The longest that a task may run, in seconds. */
  mostSeconds: number;
  /** Makes durable what a reported end rests on. */
  flush: () => Promise<void>;
  /** Storage operations of all activities at once. */
  limit: Limit;
  /** Batches that put their blocks at once: few, so that workers get whole batches early and progress shows. */
  putting: Limit;
};
