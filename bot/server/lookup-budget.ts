import { LRUCache } from 'lru-cache';
import { TokenBucket } from '../rate-limit/token-bucket.ts';

/** A lookup that is refused because the budget for people without permissions is used up. */
export class LookupBudgetError extends Error {
  override name = 'LookupBudgetError';
}

export type LookupBudgetOptions = {
  /** The maximum writes of one installation in any hour; the budget is proportional to it. */
  hourly: number;
  /** This replica's share of them, from 0 to 1. */
  share: () => number;
  /** The clock, in milliseconds. */
  now: () => number;
};

/** The budget that is used up: the person's comments, or the installation's GitHub calls. */
export type ExhaustedBudget = 'person' | 'reads';

/** The buckets of one installation: GitHub calls, and the comments of each person. */
type InstallationBuckets = { reads: TokenBucket; persons: LRUCache<string, TokenBucket> };

/**
 * GitHub calls per hourly write for people who are not known to have permissions. With 300 writes that is 750 at once and 750 more
 * in an hour; GitHub allows an installation at least 5 000.
 */
const lookupsPerHourlyWrite = 2.5;
/** The share of them that is reserved for people with priority. */
const priorityReserve = 0.2;
/** Processed comments per person and hour, per hourly write; at least `minCommentsPerHour`. */
const commentsPerHourlyWrite = 1 / 30;
const minCommentsPerHour = 5;

/** Limits the GitHub calls for people who are not known to have permissions, by installation, and the comments of each person. */
export class LookupBudget {
  readonly #options: LookupBudgetOptions;
  readonly #installations = new LRUCache<number, InstallationBuckets>({ max: 1_000 });

  constructor(options: LookupBudgetOptions) {
    this.#options = options;
  }

  /** Charges GitHub calls to an installation. */
  charge(installation: number, calls: number): void {
    this.#getBuckets(installation).reads.take(calls, this.#options.now());
  }

  /** Returns whether an installation has room for lookups. `hasPriority`: they can use the reserve. Charges nothing. */
  hasRoom(installation: number, hasPriority: boolean): boolean {
    const { reads } = this.#getBuckets(installation);
    return reads.level(this.#options.now()) >= (hasPriority ? 0 : reads.size * priorityReserve) + 1;
  }

  /** Charges one comment to a person, if there is room for it. @returns the budget that is used up; otherwise undefined */
  takeComment(installation: number, person: string, hasPriority: boolean): ExhaustedBudget | undefined {
    const now = this.#options.now();
    const bucket = this.#getPersonBucket(installation, person);
    if (bucket.getWait(1, now) > 0) return 'person';
    if (!this.hasRoom(installation, hasPriority)) return 'reads';
    bucket.take(1, now);
    return undefined;
  }

  /** Refunds a comment that was charged to a person. */
  refundComment(installation: number, person: string): void {
    this.#getPersonBucket(installation, person).take(-1, this.#options.now());
  }

  #getPersonBucket(installation: number, person: string): TokenBucket {
    const { persons } = this.#getBuckets(installation);
    const { hourly, now } = this.#options;
    const bucket =
      persons.get(person) ??
      new TokenBucket(Math.max(minCommentsPerHour, hourly * commentsPerHourlyWrite), now());
    persons.set(person, bucket);
    return bucket;
  }

  #getBuckets(installation: number): InstallationBuckets {
    const { hourly, share, now } = this.#options;
    const size = hourly * lookupsPerHourlyWrite * share();
    const known = this.#installations.get(installation);
    if (known) {
      if (known.reads.size !== size) known.reads.resize(size, now());
      return known;
    }
    const created: InstallationBuckets = {
      reads: new TokenBucket(size, now()),
      persons: new LRUCache({ max: 10_000 }),
    };
    this.#installations.set(installation, created);
    return created;
  }
}
