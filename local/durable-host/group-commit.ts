import type { Logger } from '../../runtime/log.ts';
import type { DurableStore } from './store/store.ts';

/** The most episodes in one transaction, so that a large start leaves room for others' calls. */
const maxEpisodes = 200;
const retryMilliseconds = 1_000;

type PendingChange = {
  apply: () => unknown;
  settle: (value: unknown) => void;
  /** Absent for changes of our own (an activity's answer, a timer): they wait until the store can take them. */
  reject?: (error: unknown) => void;
};

export type GroupCommitOptions = {
  store: DurableStore;
  readyIds: Set<string>;
  runEpisode: (id: string) => void;
  /** Called after each commit: only now may anything happen outside the store. */
  onCommit: () => void;
  /** Called after a rollback: what is in memory may be ahead of the store. */
  onRollback: () => void;
  log: Logger;
};

/**
 * The only writer. Each turn takes all changes that have come in, runs the episodes they make ready, and commits it all as one
 * transaction; only then are callers answered and effects begun. Without changes it does nothing at all.
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

  /** A caller's change: resolves once it is committed. @throws if the store refuses it, and when the host is closed */
  submit<T>(apply: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new Error('The durable host is closed'));
    return new Promise((resolve, reject) =>
      this.#add({ apply, settle: (value) => resolve(value as T), reject }),
    );
  }

  /** A change of the host's own: tried until it is committed, or the host is closed. */
  record(apply: () => void): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => this.#add({ apply, settle: () => resolve() }));
  }

  /** Lets instances that are ready run. */
  wake(): void {
    if (!this.#closed && !this.#retry) this.#next ??= setImmediate(() => this.#turn());
  }

  /** Commits what has come in, and takes nothing more. */
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
    // A set goes on to members that are added while it is gone through.
    for (const id of readyIds) {
      runEpisode(id);
      left -= 1;
      if (left === 0) return;
    }
  }

  #rollBack(changes: PendingChange[], error: unknown): void {
    this.#options.log.error({ err: error }, 'the durable host could not commit; it tries again');
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
