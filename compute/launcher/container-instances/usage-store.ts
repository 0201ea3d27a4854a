import type { Logger } from '../../../runtime/log.ts';
import { containerGroupsPath } from '../../../contracts/blob-paths.ts';
import { parseJson } from '../../../contracts/problem.ts';
import { compareAndSwap } from '../../storage/compare-and-swap.ts';
import type { Blobs } from '../../storage/port.ts';
import { LauncherUnavailableError } from '../port.ts';
import { emptyUsage, UsageRecord, type UsageChange } from './usage-record.ts';

type QueuedChange = {
  change: UsageChange<unknown>;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
};

/**
 * The usage record in storage, which is changed by compare-and-swap. The changes of one process that arrive during a write are written
 * together, so that hundreds of jobs at once cause few writes, and only processes compete.
 */
export class UsageStore {
  readonly #blobs: Blobs;
  readonly #log: Logger;
  #queue: QueuedChange[] = [];
  #isWriting = false;

  constructor(blobs: Blobs, log: Logger) {
    this.#blobs = blobs;
    this.#log = log;
  }

  /** Changes the record, and returns the result of the change. @throws LauncherUnavailableError */
  change<T>(change: UsageChange<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ change, resolve: resolve as (result: unknown) => void, reject });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#queue.length > 0) {
      const queued = this.#queue;
      this.#queue = [];
      try {
        const results = await compareAndSwap('The usage of Azure Container Instances', () =>
          this.#write(queued),
        );
        queued.forEach(({ resolve }, index) => resolve(results[index]));
      } catch (error) {
        const unavailable = new LauncherUnavailableError(
          'The usage record of Azure Container Instances could not be changed',
          { cause: error },
        );
        queued.forEach(({ reject }) => reject(unavailable));
      }
    }
    this.#isWriting = false;
  }

  /** Writes several changes at once. Returns their results; undefined if another process was first. */
  async #write(queued: readonly QueuedChange[]): Promise<unknown[] | undefined> {
    const found = await this.#blobs.getWithTag(containerGroupsPath);
    const before = found ? this.#parse(found.body.toString()) : emptyUsage;
    let record = before;
    const results = queued.map(({ change }) => {
      const [changed, result] = change(record);
      record = changed;
      return result;
    });
    if (record === before) return results;
    const isWritten = await this.#blobs.putIf(
      containerGroupsPath,
      JSON.stringify(record),
      found?.tag ?? null,
    );
    return isWritten ? results : undefined;
  }

  /** A record that is not valid counts as empty: the next listing restores it, and until then Azure enforces its quotas. */
  #parse(text: string): UsageRecord {
    const read = parseJson(UsageRecord, text);
    if (read.ok) return read.value;
    this.#log.error(
      { path: containerGroupsPath, problem: read.problem.message },
      'the usage record is invalid: starting a new one',
    );
    return emptyUsage;
  }
}
