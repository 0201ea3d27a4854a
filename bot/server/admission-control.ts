import { LRUCache } from 'lru-cache';
import type { Logger } from '../../runtime/log.ts';
import { Bucket } from '../rate-limit/token-bucket.ts';
import type { WriteBudget } from '../rate-limit/write-budget.ts';
import type { BotMetrics } from '../metrics.ts';
import type { HeardComment } from './comment.ts';
import { FairQueue } from './fair-queue.ts';

/**
 * The author and repository of a comment, by ids. `isAffiliated`: GitHub shows that the person belongs to the repository. `app`: the
 * app that posted it for the person, if any; null if it has no name.
 */
export type Visitor = {
  installation: number;
  repository: number;
  person: number;
  isAffiliated: boolean;
  app?: string | null;
};

/** Why lookups for a person are refused: their own share or the common budget is used up, or the queue is full. */
type Held = 'person' | 'reads' | 'queue' | 'writes';

/** A lookup that is refused because the budget for people without permissions is used up. */
export class LookupsHeld extends Error {
  override name = 'LookupsHeld';
}

export type AdmissionsOptions = {
  /** The maximum writes of one installation in any hour; the lookup budget is proportional to it. */
  hourly: number;
  /** This replica's share of them, from 0 to 1; 1 by default. */
  share?: () => number;
  budget: Pick<WriteBudget, 'roomForReader'>;
  metrics: Pick<BotMetrics, 'commentsHeld'>;
  log: Logger;
  /** The clock, in milliseconds; `performance.now` unless a test brings its own. */
  now?: () => number;
};

type Account = {
  reads: Bucket;
  queue: FairQueue;
  /** The remaining budgets of people, by their shares. */
  persons: LRUCache<string, Bucket>;
  /** The ids of readers' comments that are being answered. */
  answering: Set<number>;
  loggedAt: number;
};

/**
 * GitHub calls per hourly write for people who are not known to have permissions. With 300 writes that is 750 at once and 750 more
 * in an hour; GitHub allows an installation at least 5 000.
 */
const readsEach = 2.5;
/** The share of them that is reserved for people who belong to the repository. */
const readsReserve = 0.2;
/** Processed comments per person and hour, per hourly write; at least `minComments`. */
const commentsEach = 1 / 30;
const minComments = 5;

/** The concurrency limit of comments by people who are not known to have permissions. */
const atOnce = 12;
const maxWaiting = 2_000;

const hour = 3_600_000;
const readerMemory = 600_000;
const logEvery = 60_000;

/**
 * Limits the cost of people without permissions. Comments of people who are known to have permissions are processed at once. All
 * other comments wait in a fair queue: people who belong to the repository come first, and each person's comments run one after
 * another. What is remembered about people only affects the order; permissions are requested from GitHub each time.
 */
export class Admissions {
  readonly #options: Required<AdmissionsOptions>;
  readonly #accounts = new LRUCache<number, Account>({ max: 1_000 });
  /** People who were allowed something in the last day, and people who were not in the last minutes. */
  readonly #members: LRUCache<string, true>;
  readonly #readers: LRUCache<string, true>;
  /** Comments that are waiting or being processed, and comments that get no answer, by id. */
  readonly #waiting = new Set<number>();
  readonly #silenced = new LRUCache<number, true>({ max: 50_000 });
  /** The comment whose reply contains an answer, by answer and person; and the reverse. */
  readonly #answers: LRUCache<string, number>;
  readonly #answersOf = new LRUCache<number, string>({ max: 20_000 });

  constructor(options: AdmissionsOptions) {
    this.#options = { share: () => 1, now: () => performance.now(), ...options };
    const clock = { perf: { now: this.#options.now }, ttlResolution: 0 };
    this.#members = new LRUCache({ max: 50_000, ttl: 24 * hour, ...clock });
    this.#readers = new LRUCache({ max: 50_000, ttl: readerMemory, ...clock });
    this.#answers = new LRUCache({ max: 20_000, ttl: 24 * hour, ...clock });
  }

  /** Processes a comment when its author's turn comes; returns `held` if the lookup budget for such people is used up. */
  async pass<T>(comment: HeardComment, work: () => Promise<T>): Promise<T | 'held'> {
    const visitor = visitorOf(comment);
    const key = keyOf(visitor);
    if (this.#members.has(key)) return work();
    const { id } = comment.comment;
    const { queue } = this.#account(visitor.installation);
    if (queue.length >= maxWaiting) return this.#hold(visitor, 'queue', id);
    this.#waiting.add(id);
    const looked = queue.run(shareOf(visitor), this.#isFirst(visitor), async () => {
      if (this.#members.has(key)) return work();
      const reason = this.#heldBy(visitor);
      return reason === undefined ? this.#charged(visitor, work) : this.#hold(visitor, reason, id);
    });
    return looked.finally(() => this.#waiting.delete(id));
  }

  /**
   * Charges other lookups for a visitor, with an approximate number of calls. Returns the priority of the resulting write.
   * @throws LookupsHeld if the lookup budget for such people is used up
   */
  admitLookups(visitor: Visitor, calls: number): 'news' | 'reader' {
    if (this.#members.has(keyOf(visitor))) return 'news';
    const reason = this.#heldBy(visitor);
    if (reason !== undefined) {
      this.#hold(visitor, reason, undefined);
      throw new LookupsHeld(`The lookup budget for people without permissions is used up (${reason})`);
    }
    this.charge(visitor, calls);
    return this.#isFirst(visitor) ? 'news' : 'reader';
  }

  /** Returns whether a comment is waiting, or is being processed and its author's permissions are still unknown. */
  isWaiting(comment: HeardComment): boolean {
    return this.#waiting.has(comment.comment.id) && !this.#members.has(keyOf(visitorOf(comment)));
  }

  /** Resolves when no comment is waiting; answers to readers must wait until then. */
  quiet(installation: number): Promise<void> {
    return this.#account(installation).queue.empty();
  }

  /** Records whether a comment's author has permissions. Returns whether to answer the comment. */
  admits(comment: HeardComment, isReader: boolean): boolean {
    const visitor = visitorOf(comment);
    const key = keyOf(visitor);
    if (!isReader) {
      this.#members.set(key, true);
      this.#readers.delete(key);
      return true;
    }
    this.#members.delete(key);
    this.#readers.set(key, true);
    const { id } = comment.comment;
    if (this.#hasRoomForAnswer(visitor)) {
      this.#account(visitor.installation).answering.add(id);
      return true;
    }
    this.#hold(visitor, 'writes', id);
    return false;
  }

  /** Records that a comment was answered or gets no answer. `isWritten`: its reply was written. */
  finish({ installation, comment: { id } }: HeardComment, isWritten: boolean): void {
    this.#account(installation).answering.delete(id);
    const key = this.#answersOf.get(id);
    // Another comment can get this answer.
    if (!isWritten && key !== undefined && this.#answers.get(key) === id) this.#answers.delete(key);
  }

  #hasRoomForAnswer(visitor: Visitor): boolean {
    const { answering } = this.#account(visitor.installation);
    return this.#options.budget.roomForReader(visitor) > answering.size;
  }

  /** Returns false if another comment got the same answer within the last day. `key`: the person, the thread and the answer. */
  claimsAnswer(key: string, { comment: { id } }: HeardComment): boolean {
    const owner = this.#answers.get(key);
    if (owner !== undefined && owner !== id) return false;
    this.#answers.set(key, id);
    this.#answersOf.set(id, key);
    return true;
  }

  /** Charges GitHub calls to a comment, unless its author is known to have permissions. */
  charge(visitor: Visitor, calls: number): void {
    if (this.#members.has(keyOf(visitor))) return;
    this.#account(visitor.installation).reads.take(calls, this.#options.now());
  }

  /** Returns whether a comment, by id, will never get an answer. */
  isSilenced(comment: number): boolean {
    return this.#silenced.has(comment);
  }

  /** Returns whether the budget has room for lookups for an unknown person. Charges nothing. */
  hasRoom(installation: number, isAffiliated: boolean): boolean {
    const { reads } = this.#account(installation);
    return reads.level(this.#options.now()) >= (isAffiliated ? 0 : reads.size * readsReserve) + 1;
  }

  /** Refunds a comment that could not be processed because GitHub did not answer. */
  async #charged<T>(visitor: Visitor, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#person(visitor).take(-1, this.#options.now());
      throw error;
    }
  }

  /** Returns why lookups for this visitor are refused; otherwise charges one comment to the person. */
  #heldBy(visitor: Visitor): Held | undefined {
    const now = this.#options.now();
    const person = this.#person(visitor);
    if (this.#readers.has(keyOf(visitor)) && !this.#hasRoomForAnswer(visitor)) return 'writes';
    if (person.waitFor(1, now) > 0) return 'person';
    if (!this.hasRoom(visitor.installation, this.#isFirst(visitor))) return 'reads';
    person.take(1, now);
    return undefined;
  }

  #isFirst(visitor: Visitor): boolean {
    return visitor.isAffiliated && !this.#readers.has(keyOf(visitor));
  }

  #hold(visitor: Visitor, reason: Held, comment: number | undefined): 'held' {
    const { metrics, log, now } = this.#options;
    const account = this.#account(visitor.installation);
    metrics.commentsHeld.inc({ reason });
    // An unknown person may have permissions, so the sweep returns to the comment.
    if (comment !== undefined && this.#readers.has(keyOf(visitor))) this.#silenced.set(comment, true);
    if (now() - account.loggedAt >= logEvery) {
      account.loggedAt = now();
      log.warn(
        { installation: visitor.installation, kind: 'reader', reason },
        'leaving comments by people without permissions unanswered: there are too many',
      );
    }
    return 'held';
  }

  #person(visitor: Visitor): Bucket {
    const { persons } = this.#account(visitor.installation);
    const share = shareOf(visitor);
    const { hourly, now } = this.#options;
    const bucket = persons.get(share) ?? new Bucket(Math.max(minComments, hourly * commentsEach), now());
    persons.set(share, bucket);
    return bucket;
  }

  #account(installation: number): Account {
    const { hourly, share, now } = this.#options;
    const size = hourly * readsEach * share();
    const known = this.#accounts.get(installation);
    if (known) {
      if (known.reads.size !== size) known.reads.resize(size, now());
      return known;
    }
    const made: Account = {
      reads: new Bucket(size, now()),
      queue: new FairQueue(atOnce),
      persons: new LRUCache({ max: 10_000 }),
      answering: new Set(),
      loggedAt: -Infinity,
    };
    this.#accounts.set(installation, made);
    return made;
  }
}

export const visitorOf = ({ installation, thread, author, isAffiliated }: HeardComment): Visitor => ({
  installation,
  repository: thread.repository.id,
  person: author.id,
  isAffiliated: isAffiliated ?? false,
  ...(author.kind === 'person-via-app' ? { app: author.app } : {}),
});

/** A person may have more permissions than an app on the person's behalf, so the two are remembered separately. */
const keyOf = ({ installation, repository, person, app }: Visitor): string =>
  `${installation}/${repository}/${person}${app === undefined ? '' : `/${app ?? ''}`}`;

/** All apps of a person share one budget, so that nobody gets more with another app; the person's own comments have another. */
const shareOf = ({ person, app }: Visitor): string => (app === undefined ? String(person) : `${person}/apps`);
