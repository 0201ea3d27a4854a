import type { Launcher } from '../../launcher/port.ts';
import type { Storage } from '../../storage/port.ts';
import type { Algorithm } from '../../algorithms/algorithm.ts';
import type { LinkWaits } from '../link-lifetime.ts';
import type { InputSources } from '../inputs/sources.ts';
import type { ConcurrencyLimit } from '../../../runtime/async/concurrency.ts';
import type { Logger } from '../../../runtime/log.ts';

/** The dependencies of the activities. */
export type ActivityDependencies = LinkWaits & {
  storage: Storage;
  launcher: Launcher;
  algorithms: ReadonlyMap<string, Algorithm>;
  sources: InputSources;
  /** The maximum timeout of a task, in seconds. */
  maxSeconds: number;
  /** Flushes storage to disk, before an outcome is reported. */
  flush: () => Promise<void>;
  /** The concurrency limit of storage operations, shared by all activities. */
  limitStorage: ConcurrencyLimit;
  /** The concurrency limit of batches that put their blocks. It is low, so that workers get whole batches early and progress shows. */
  limitPutting: ConcurrencyLimit;
  log: Logger;
};
