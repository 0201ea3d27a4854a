import { LRUCache } from 'lru-cache';
import { rateLimitOf } from '../../chatops/github/rate-limit.ts';
import type { Logger } from '../../runtime/log.ts';

/** What a write is for, most urgent first. `news`: a new reply, or a job that goes over to another state. */
export const priorities = ['final', 'news', 'progress'] as const;
export type Priority = (typeof priorities)[number];

/** The share of the bucket that is kept for what is more urgent. */
const reserves = { final: 0, news: 0.05, progress: 0.2 } as const satisfies Record<Priority, number>;

/** A write that is not to be made now: the budget is used up for its kind, or GitHub asked us to wait. */
export class WritesHeld extends Error {
  override name = 'WritesHeld';
}

export type WriteBudgetOptions = {
  /** The most writes of one installation in any hour. */
  hourly: number;
  log: Logger;
  /** The clock, in milliseconds; `performance.now` unless a test brings its own. */
  now?: () => number;
};

/** `level`: writes left at the time `at`. */
type Account = { level: number; at: number; heldUntil: number };

const hour = 3_600_000;

/** On top of what GitHub asks for, at most this share and this many milliseconds: not all are to come back at once. */
const jitter = { share: 0.1, milliseconds: 1_000 };

/**
 * How much each installation of the app may write: comments created and edited, and check runs. A bucket that holds half of
 * an hour's writes and fills up by the other half in an hour, so that no hour sees more than all of them. It is of this
 * process alone, and starts full.
 */
export class WriteBudget {
  readonly #size: number;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #accounts = new LRUCache<number, Account>({ max: 10_000 });

  constructor({ hourly, log, now = () => performance.now() }: WriteBudgetOptions) {
    this.#size = Math.max(1, hourly / 2);
    this.#log = log;
    this.#now = now;
  }

  /** How long until such a write may be made, in milliseconds; 0: now. */
  waitFor(installation: number, priority: Priority): number {
    const { level, heldUntil } = this.#account(installation);
    const missing = this.#least(priority) - level;
    return Math.max(0, heldUntil - this.#now(), (missing / this.#size) * hour);
  }

  /** Makes a write, which counts even if it fails. @throws WritesHeld if it is not to be made now; faults of the write */
  async write<T>(installation: number, priority: Priority, write: () => Promise<T>): Promise<T> {
    if (this.waitFor(installation, priority) > 0)
      throw new WritesHeld(`Writes of installation ${installation} wait (${priority})`);
    this.#account(installation).level -= 1;
    return this.call(installation, write);
  }

  /**
   * Makes a call that does not count. If GitHub answers that we ask too much, the installation's calls wait.
   * @throws WritesHeld while they do; faults of the call
   */
  async call<T>(installation: number, call: () => Promise<T>): Promise<T> {
    if (this.#account(installation).heldUntil > this.#now())
      throw new WritesHeld(`Calls of installation ${installation} wait for GitHub's rate limit`);
    try {
      return await call();
    } catch (cause) {
      const wait = rateLimitOf(cause, Date.now());
      if (wait === undefined) throw cause;
      this.#hold(installation, wait);
      throw new WritesHeld(`GitHub asks installation ${installation} to wait`, { cause });
    }
  }

  #hold(installation: number, wait: number): void {
    const account = this.#account(installation);
    const later = wait * (1 + Math.random() * jitter.share) + Math.random() * jitter.milliseconds;
    account.heldUntil = Math.max(account.heldUntil, this.#now() + later);
    const seconds = Math.ceil(later / 1_000);
    this.#log.warn({ installation, seconds }, "GitHub's rate limit: the installation's writes wait");
  }

  /** What has to be left for such a write. A bucket too small for its reserves still lets through what it holds when full. */
  #least(priority: Priority): number {
    return Math.min(this.#size, 1 + this.#size * reserves[priority]);
  }

  /** As it is now. */
  #account(installation: number): Account {
    const now = this.#now();
    const account = this.#accounts.get(installation) ?? { level: this.#size, at: now, heldUntil: -Infinity };
    account.level = Math.min(this.#size, account.level + ((now - account.at) / hour) * this.#size);
    account.at = now;
    this.#accounts.set(installation, account);
    return account;
  }
}
