import { LRUCache } from 'lru-cache';
import type { Logger } from '../../runtime/log.ts';
import { TokenBucket } from '../rate-limit/token-bucket.ts';
import type { WriteBudget } from '../rate-limit/write-budget.ts';
import type { BotMetrics } from '../metrics.ts';
import type { ReceivedComment } from './webhook-events.ts';
import { FairQueue } from './fair-queue.ts';

/**
 * The author and repository of a comment, by ids. `isAffiliated`: GitHub shows that the person belongs to the repository. `app`: the
 * app that posted it for the person, if any; null if it has no name.
 */
export type AdmissionSubject = {
  installation: number;
  repository: number;
  person: number;
  isAffiliated: boolean;
  app?: string | null;
};

/** Why lookups for a person are refused: their own share or the common budget is used up, or the queue is full. */
type HoldReason = 'person' | 'reads' | 'queue' | 'writes';

/** A lookup that is refused because the budget for people without permissions is used up. */
export class LookupBudgetError extends Error {
  override name = 'LookupBudgetError';
}

export type AdmissionControlOptions = {
  /** The maximum writes of one installation in any hour; the lookup budget is proportional to it. */
  hourly: number;
  /** This replica's share of them, from 0 to 1; 1 by default. */
  share?: () => number;
  budget: Pick<WriteBudget, 'getReaderCapacity'>;
  metrics: Pick<BotMetrics, 'commentsHeld'>;
  log: Logger;
  /** The clock, in milliseconds; `performance.now` unless a test brings its own. */
  now?: () => number;
};

type AdmissionAccount = {
  reads: TokenBucket;
  queue: FairQueue;
  /** The remaining budgets of people, by their shares. */
  persons: LRUCache<string, TokenBucket>;
  /** The ids of readers' comments that are being answered. */
  answering: Set<number>;
  loggedAt: number;
};

/**
 * GitHub calls per hourly write for people who are not known to have permissions. With 300 writes that is 750 at once and 750 more
 * in an hour; GitHub allows an installation at least 5 000.
 */
const lookupsPerHourlyWrite = 2.5;
/** The share of them that is reserved for people who belong to the repository. */
const affiliatedReserve = 0.2;
/** Processed comments per person and hour, per hourly write; at least `minComments`. */
const commentsPerHourlyWrite = 1 / 30;
const minCommentsPerHour = 5;

/** The concurrency limit of comments by people who are not known to have permissions. */
const maxConcurrentComments = 12;
const maxQueuedComments = 2_000;

const hour = 3_600_000;
const readerTtlMilliseconds = 600_000;
const logIntervalMilliseconds = 60_000;

/**
 * Limits the cost of people without permissions. Comments of people who are known to have permissions are processed at once. All
 * other comments wait in a fair queue: people who belong to the repository come first, and each person's comments run one after
 * another. What is remembered about people only affects the order; permissions are requested from GitHub each time.
 */
export class AdmissionControl {
  readonly #options: Required<AdmissionControlOptions>;
  readonly #accounts = new LRUCache<number, AdmissionAccount>({ max: 1_000 });
  /** People who were allowed something in the last day, and people who were not in the last minutes. */
  readonly #knownMembers: LRUCache<string, true>;
  readonly #knownReaders: LRUCache<string, true>;
  /** Comments that are waiting or being processed, and comments that get no answer, by id. */
  readonly #waiting = new Set<number>();
  readonly #silenced = new LRUCache<number, true>({ max: 50_000 });
  /** The comment whose reply contains an answer, by answer and person; and the reverse. */
  readonly #answers: LRUCache<string, number>;
  readonly #answerKeys = new LRUCache<number, string>({ max: 20_000 });

  constructor(options: AdmissionControlOptions) {
    this.#options = { share: () => 1, now: () => performance.now(), ...options };
    const clock = { perf: { now: this.#options.now }, ttlResolution: 0 };
    this.#knownMembers = new LRUCache({ max: 50_000, ttl: 24 * hour, ...clock });
    this.#knownReaders = new LRUCache({ max: 50_000, ttl: readerTtlMilliseconds, ...clock });
    this.#answers = new LRUCache({ max: 20_000, ttl: 24 * hour, ...clock });
  }

  /** Processes a comment when its author's turn comes; returns `held` if the lookup budget for such people is used up. */
  async run<T>(comment: ReceivedComment, work: () => Promise<T>): Promise<T | 'held'> {
    const visitor = toAdmissionSubject(comment);
    const key = toPersonKey(visitor);
    if (this.#knownMembers.has(key)) return work();
    const { id } = comment.comment;
    const { queue } = this.#getAccount(visitor.installation);
    if (queue.length >= maxQueuedComments) return this.#recordHold(visitor, 'queue', id);
    this.#waiting.add(id);
    const result = queue.run(toBudgetKey(visitor), this.#hasPriority(visitor), async () => {
      if (this.#knownMembers.has(key)) return work();
      const reason = this.#findHoldReason(visitor);
      return reason === undefined
        ? this.#refundOnFault(visitor, work)
        : this.#recordHold(visitor, reason, id);
    });
    return result.finally(() => this.#waiting.delete(id));
  }

  /**
   * Charges other lookups for a visitor, with an approximate number of calls. Returns the priority of the resulting write.
   * @throws LookupBudgetError if the lookup budget for such people is used up
   */
  admitLookups(visitor: AdmissionSubject, calls: number): 'news' | 'reader' {
    if (this.#knownMembers.has(toPersonKey(visitor))) return 'news';
    const reason = this.#findHoldReason(visitor);
    if (reason !== undefined) {
      this.#recordHold(visitor, reason, undefined);
      throw new LookupBudgetError(`The lookup budget for people without permissions is used up (${reason})`);
    }
    this.charge(visitor, calls);
    return this.#hasPriority(visitor) ? 'news' : 'reader';
  }

  /** Returns whether a comment is waiting, or is being processed and its author's permissions are still unknown. */
  isWaiting(comment: ReceivedComment): boolean {
    return (
      this.#waiting.has(comment.comment.id) &&
      !this.#knownMembers.has(toPersonKey(toAdmissionSubject(comment)))
    );
  }

  /** Resolves when no comment is waiting; answers to readers must wait until then. */
  waitUntilQueueEmpty(installation: number): Promise<void> {
    return this.#getAccount(installation).queue.waitUntilEmpty();
  }

  /** Records whether a comment's author has permissions. Returns whether to answer the comment. */
  recordPermissions(comment: ReceivedComment, isReader: boolean): boolean {
    const visitor = toAdmissionSubject(comment);
    const key = toPersonKey(visitor);
    if (!isReader) {
      this.#knownMembers.set(key, true);
      this.#knownReaders.delete(key);
      return true;
    }
    this.#knownMembers.delete(key);
    this.#knownReaders.set(key, true);
    const { id } = comment.comment;
    if (this.#hasRoomForAnswer(visitor)) {
      this.#getAccount(visitor.installation).answering.add(id);
      return true;
    }
    this.#recordHold(visitor, 'writes', id);
    return false;
  }

  /** Records that a comment was answered or gets no answer. `isWritten`: its reply was written. */
  finish({ installation, comment: { id } }: ReceivedComment, isWritten: boolean): void {
    this.#getAccount(installation).answering.delete(id);
    const key = this.#answerKeys.get(id);
    // Another comment can get this answer.
    if (!isWritten && key !== undefined && this.#answers.get(key) === id) this.#answers.delete(key);
  }

  #hasRoomForAnswer(visitor: AdmissionSubject): boolean {
    const { answering } = this.#getAccount(visitor.installation);
    return this.#options.budget.getReaderCapacity(visitor) > answering.size;
  }

  /** Returns false if another comment got the same answer within the last day. `key`: the person, the thread and the answer. */
  claimsAnswer(key: string, { comment: { id } }: ReceivedComment): boolean {
    const owner = this.#answers.get(key);
    if (owner !== undefined && owner !== id) return false;
    this.#answers.set(key, id);
    this.#answerKeys.set(id, key);
    return true;
  }

  /** Charges GitHub calls to a comment, unless its author is known to have permissions. */
  charge(visitor: AdmissionSubject, calls: number): void {
    if (this.#knownMembers.has(toPersonKey(visitor))) return;
    this.#getAccount(visitor.installation).reads.take(calls, this.#options.now());
  }

  /** Returns whether a comment, by id, will never get an answer. */
  isSilenced(comment: number): boolean {
    return this.#silenced.has(comment);
  }

  /** Returns whether the budget has room for lookups for an unknown person. Charges nothing. */
  hasRoom(installation: number, isAffiliated: boolean): boolean {
    const { reads } = this.#getAccount(installation);
    return reads.level(this.#options.now()) >= (isAffiliated ? 0 : reads.size * affiliatedReserve) + 1;
  }

  /** Refunds a comment that could not be processed because GitHub did not answer. */
  async #refundOnFault<T>(visitor: AdmissionSubject, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#getPersonBucket(visitor).take(-1, this.#options.now());
      throw error;
    }
  }

  /** Returns why lookups for this visitor are refused; otherwise charges one comment to the person. */
  #findHoldReason(visitor: AdmissionSubject): HoldReason | undefined {
    const now = this.#options.now();
    const person = this.#getPersonBucket(visitor);
    if (this.#knownReaders.has(toPersonKey(visitor)) && !this.#hasRoomForAnswer(visitor)) return 'writes';
    if (person.getWait(1, now) > 0) return 'person';
    if (!this.hasRoom(visitor.installation, this.#hasPriority(visitor))) return 'reads';
    person.take(1, now);
    return undefined;
  }

  #hasPriority(visitor: AdmissionSubject): boolean {
    return visitor.isAffiliated && !this.#knownReaders.has(toPersonKey(visitor));
  }

  #recordHold(visitor: AdmissionSubject, reason: HoldReason, comment: number | undefined): 'held' {
    const { metrics, log, now } = this.#options;
    const account = this.#getAccount(visitor.installation);
    metrics.commentsHeld.inc({ reason });
    // An unknown person may have permissions, so the sweep returns to the comment.
    if (comment !== undefined && this.#knownReaders.has(toPersonKey(visitor)))
      this.#silenced.set(comment, true);
    if (now() - account.loggedAt >= logIntervalMilliseconds) {
      account.loggedAt = now();
      log.warn(
        { installation: visitor.installation, kind: 'reader', reason },
        'leaving comments by people without permissions unanswered: there are too many',
      );
    }
    return 'held';
  }

  #getPersonBucket(visitor: AdmissionSubject): TokenBucket {
    const { persons } = this.#getAccount(visitor.installation);
    const share = toBudgetKey(visitor);
    const { hourly, now } = this.#options;
    const bucket =
      persons.get(share) ??
      new TokenBucket(Math.max(minCommentsPerHour, hourly * commentsPerHourlyWrite), now());
    persons.set(share, bucket);
    return bucket;
  }

  #getAccount(installation: number): AdmissionAccount {
    const { hourly, share, now } = this.#options;
    const size = hourly * lookupsPerHourlyWrite * share();
    const known = this.#accounts.get(installation);
    if (known) {
      if (known.reads.size !== size) known.reads.resize(size, now());
      return known;
    }
    const made: AdmissionAccount = {
      reads: new TokenBucket(size, now()),
      queue: new FairQueue(maxConcurrentComments),
      persons: new LRUCache({ max: 10_000 }),
      answering: new Set(),
      loggedAt: -Infinity,
    };
    this.#accounts.set(installation, made);
    return made;
  }
}

export const toAdmissionSubject = ({
  installation,
  thread,
  author,
  isAffiliated,
}: ReceivedComment): AdmissionSubject => ({
  installation,
  repository: thread.repository.id,
  person: author.id,
  isAffiliated: isAffiliated ?? false,
  ...(author.kind === 'person-via-app' ? { app: author.app } : {}),
});

/** A person may have more permissions than an app on the person's behalf, so the two are remembered separately. */
const toPersonKey = ({ installation, repository, person, app }: AdmissionSubject): string =>
  `${installation}/${repository}/${person}${app === undefined ? '' : `/${app ?? ''}`}`;

/** All apps of a person share one budget, so that nobody gets more with another app; the person's own comments have another. */
const toBudgetKey = ({ person, app }: AdmissionSubject): string =>
  app === undefined ? String(person) : `${person}/apps`;
