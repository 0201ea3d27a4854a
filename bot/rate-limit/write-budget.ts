import { LRUCache } from 'lru-cache';
import { classifyError, getRateLimitWait } from '../../chatops/github/classify-error.ts';
import type { Logger } from '../../runtime/log.ts';
import type { BotMetrics } from '../metrics.ts';
import { InstallationBudget, priorities, type Priority } from './installation-budget.ts';
import { PriorityQueue } from './priority-queue.ts';

export { priorities, type Priority } from './installation-budget.ts';

/** A write or call that cannot be made now: the budget is used up for its priority, or GitHub's rate limit applies. */
export class WriteDelayedError extends Error {
  override name = 'WriteDelayedError';
  /** When to retry, in milliseconds from now; `Infinity` for never. */
  readonly milliseconds: number;

  constructor(message: string, milliseconds: number, options?: ErrorOptions) {
    super(message, options);
    this.milliseconds = milliseconds;
  }
}

/** Where a write is charged, by ids. `person`: the person that causes it, if that person is a reader. */
export type WriteTarget = { installation: number; repository: number; person?: number | undefined };

type WriteBudgetOptions = {
  /** The maximum writes of one installation in any hour, by all replicas together. */
  hourly: number;
  /** This replica's share of them, from 0 to 1; 1 by default. */
  share?: () => number;
  /** The concurrency limit of an installation's writes. If GitHub wants writes spaced, they should wait here. */
  atOnce?: number;
  metrics: Pick<BotMetrics, 'writesHeld'>;
  log: Logger;
  /** The clock, in milliseconds; `performance.now` unless a test brings its own. */
  now?: () => number;
};

type WriteAccount = {
  budget: InstallationBudget;
  queue: PriorityQueue;
  /** The end of GitHub's rate limit. */
  limitedUntil: number;
  /** When the log last reported each kind of delayed write. */
  loggedAt: Map<Priority, number>;
};

/** The interval in which the log reports a kind of delayed write once. */
const logIntervalMilliseconds = 60_000;

const getRank = (priority: Priority): number => priorities.indexOf(priority);

/**
 * The write budget of each installation of the app: created and edited comments, reactions, and check runs. The most urgent writes
 * come first. The budget exists only in this process, and starts full.
 */
export class WriteBudget {
  readonly #options: Required<WriteBudgetOptions>;
  readonly #accounts = new LRUCache<number, WriteAccount>({ max: 10_000 });

  constructor(options: WriteBudgetOptions) {
    this.#options = { share: () => 1, atOnce: Infinity, now: () => performance.now(), ...options };
  }

  /** Returns how long a write must wait, in milliseconds: 0 if it can be made now, `Infinity` if never. */
  getWait({ installation, repository, person }: WriteTarget, priority: Priority): number {
    const now = this.#options.now();
    const { budget, limitedUntil: heldUntil } = this.#getAccount(installation);
    return Math.max(heldUntil - now, budget.getWait({ repository, priority, person }, now));
  }

  /** Returns how many readers could be answered now, including this one. */
  getReaderCapacity(target: WriteTarget): number {
    if (this.getWait(target, 'reader') > 0) return 0;
    return this.#getAccount(target.installation).budget.getReadersLeft(this.#options.now());
  }

  /**
   * Makes a write when its turn comes; a failed write counts, too.
   * @throws WriteDelayedError if the write cannot be made now; faults of the write
   */
  async write<T>(target: WriteTarget, priority: Priority, write: () => Promise<T>): Promise<T> {
    const { installation, repository, person } = target;
    const { queue } = this.#getAccount(installation);
    this.#assertAllowed(target, priority);
    return queue.run(getRank(priority), () => {
      this.#assertAllowed(target, priority);
      this.#getAccount(installation).budget.take({ repository, priority, person }, this.#options.now());
      return this.call(installation, write);
    });
  }

  /**
   * Makes a call that the budget does not count. If GitHub rate-limits it, all calls of the installation are delayed.
   * @throws WriteDelayedError during a rate limit; faults of the call
   */
  async call<T>(installation: number, call: () => Promise<T>): Promise<T> {
    const wait = this.#getAccount(installation).limitedUntil - this.#options.now();
    if (wait > 0)
      throw new WriteDelayedError(`GitHub's rate limit delays calls for installation ${installation}`, wait);
    try {
      return await call();
    } catch (cause) {
      const kind = classifyError(cause);
      if (kind?.kind !== 'rate-limited') throw cause;
      const later = this.#startRateLimit(installation, getRateLimitWait(kind));
      throw new WriteDelayedError(`GitHub rate-limited installation ${installation}`, later, { cause });
    }
  }

  #assertAllowed(target: WriteTarget, priority: Priority): void {
    const wait = this.getWait(target, priority);
    if (wait > 0) throw this.#recordDelay(target.installation, priority, wait);
  }

  #recordDelay(installation: number, priority: Priority, wait: number): WriteDelayedError {
    const { metrics, log, now } = this.#options;
    const { loggedAt } = this.#getAccount(installation);
    metrics.writesHeld.inc({ kind: priority });
    if (now() - (loggedAt.get(priority) ?? -Infinity) >= logIntervalMilliseconds) {
      loggedAt.set(priority, now());
      const seconds = Number.isFinite(wait) ? Math.ceil(wait / 1_000) : null;
      log.warn({ installation, kind: priority, seconds }, 'delaying writes: the write budget is used up');
    }
    return new WriteDelayedError(
      `The write budget of installation ${installation} delays this write (${priority})`,
      wait,
    );
  }

  #startRateLimit(installation: number, wait: number): number {
    const { log, now } = this.#options;
    const account = this.#getAccount(installation);
    account.limitedUntil = Math.max(account.limitedUntil, now() + wait);
    const seconds = Math.ceil(wait / 1_000);
    log.warn({ installation, seconds }, "delaying the installation's writes: GitHub's rate limit");
    return wait;
  }

  #getAccount(installation: number): WriteAccount {
    const { hourly, share, atOnce, now } = this.#options;
    const size = Math.max(1, (hourly / 2) * share());
    const known = this.#accounts.get(installation);
    if (known) {
      if (known.budget.size !== size) known.budget.resize(size, now());
      return known;
    }
    const made: WriteAccount = {
      budget: new InstallationBudget(size, now()),
      queue: new PriorityQueue(atOnce),
      limitedUntil: -Infinity,
      loggedAt: new Map(),
    };
    this.#accounts.set(installation, made);
    return made;
  }
}
