import type { Logger } from '../../runtime/log.ts';
import type { DurableStore } from './store/store.ts';

/** The maximum number of episodes per transaction, so that a large start does not block other calls. */
const maxEpisodes = 200;
const retryMilliseconds = 1_000;

type PendingChange = {
  apply: () => unknown;
  settle: (value: unknown) => void;
  /** Absent for changes of the host itself (an activity's outcome, a timer), which are retried until they are committed. */
  reject?: (error: unknown) => void;
};

export type GroupCommitOptions = {
  store: DurableStore;
  readyIds: Set<string>;
  runEpisode: (id: string) => void;
  /** Called after each commit. Side effects outside the store may happen only now. */
  onCommit: () => void;
  /** Called after a rollback, when the state in memory may be ahead of the store. */
  onRollback: () => void;
  log: Logger;
};

/**
 * The only writer of the store. Commits all changes that have arrived, and the episodes that they make ready, in one transaction. Only
 * then do callers get their results and side effects start.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #changes: PendingChange[] = [];
  #next: NodeJS.Immediate | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Submits the change of a caller. Resolves when it is committed. @throws if the commit fails or the host is closed */
  submit<T>(apply: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new Error('The durable host is closed'));
    return new Promise((resolve, reject) =>
      this.#add({ apply, settle: (value) => resolve(value as T), reject }),
    );
  }

  /** Submits a change of the host itself, which is retried until it is committed or the host is closed. */
  record(apply: () => void): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => this.#add({ apply, settle: () => resolve() }));
  }

  /** Schedules the episodes of ready instances. */
  wake(): void {
    if (!this.#closed && !this.#retry) this.#next ??= setImmediate(() => this.#turn());
  }

  /** Commits the pending changes, and accepts no more. */
  close(): void {
    clearImmediate(this.#next);
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#closed = true;
    if (this.#changes.length > 0) this.#turn();
  }

  #add(change: PendingChange): void {
    this.#changes.push(change);
    this.wake();
  }

  #turn(): void {
    this.#next = undefined;
    const changes = this.#changes;
    this.#changes = [];
    try {
      const values = this.#options.store.transaction(() => {
        const applied = changes.map(({ apply }) => apply());
        this.#runReady();
        return applied;
      });
      changes.forEach(({ settle }, index) => settle(values[index]));
    } catch (error) {
      this.#rollBack(changes, error);
      return;
    }
    this.#options.onCommit();
    if (this.#options.readyIds.size > 0) this.wake();
  }

  #runReady(): void {
    const { readyIds, runEpisode } = this.#options;
    let left = maxEpisodes;
    // The iteration of a set includes members that are added during it.
    for (const id of readyIds) {
      runEpisode(id);
      left -= 1;
      if (left === 0) return;
    }
  }

  #rollBack(changes: PendingChange[], error: unknown): void {
    this.#options.log.error({ err: error }, 'could not commit; retrying');
    this.#options.onRollback();
    changes.forEach(({ reject }) => reject?.(error));
    this.#changes.unshift(...changes.filter(({ reject }) => !reject));
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.wake();
    }, retryMilliseconds);
  }
}
