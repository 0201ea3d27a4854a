import { LRUCache } from 'lru-cache';
import type { Logger } from '../../runtime/log.ts';
import { Bucket } from '../budget/bucket.ts';
import type { WriteBudget } from '../budget/write-budget.ts';
import type { BotMetrics } from '../metrics.ts';
import type { HeardComment } from './comment.ts';
import { FairQueue } from './fair-queue.ts';

/**
 * Who wrote something, and where, by ids. `isAffiliated`: GitHub says that the person belongs to the repository. `app`: the app that
 * wrote it for the person, if one did; null if it has no name.
 */
export type Visitor = {
  installation: number;
  repository: number;
  person: number;
  isAffiliated: boolean;
  app?: string | null;
};

/** Why nothing is looked up for somebody: their own share is used up, that of all, or too many wait. */
type Held = 'person' | 'reads' | 'queue' | 'writes';

/** What is not looked up now: too much was for people who may run nothing. */
export class LookupsHeld extends Error {
  override name = 'LookupsHeld';
}

export type AdmissionsOptions = {
  /** The most writes of one installation in any hour: what may be looked up is in proportion to it. */
  hourly: number;
  /** This bot's share of them, from 0 to 1; all of them if not given. */
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
  /** What persons have left, by their shares. */
  persons: LRUCache<string, Bucket>;
  /** Comments, by their ids, of people who may run nothing, and that are being answered. */
  answering: Set<number>;
  loggedAt: number;
};

/**
 * Calls to GitHub for people of whom we do not know that they may run something, for each write of an hour. With 300 writes that
 * is 750 at once and 750 more in an hour, of at least 5 000 that GitHub grants an installation.
 */
const readsEach = 2.5;
/** The share of them that is kept for those who belong to the repository. */
const readsReserve = 0.2;
/** Comments of one person that are looked at in an hour, for each write of an hour; at least a few. */
const commentsEach = 1 / 30;
const minComments = 5;

/** Comments that are looked at at the same time, of people of whom we do not know that they may run something. */
const atOnce = 12;
const maxWaiting = 2_000;

const hour = 3_600_000;
const readerMemory = 600_000;
const logEvery = 60_000;

/**
 * Bounds what people cost who may run nothing. Whoever is known to be allowed something passes at once; the comments of all others
 * wait for their turn, those of people who belong to the repository first, each person's one after the other. What is remembered
 * of people only decides about their turn: who may do what is asked of GitHub each time.
 */
export class Admissions {
  readonly #options: Required<AdmissionsOptions>;
  readonly #accounts = new LRUCache<number, Account>({ max: 1_000 });
  /** Who was allowed something in the last day, and who was not in the last minutes. */
  readonly #members: LRUCache<string, true>;
  readonly #readers: LRUCache<string, true>;
  /** Comments that wait for their turn or have it, and those that stay unanswered, by their ids. */
  readonly #waiting = new Set<number>();
  readonly #silenced = new LRUCache<number, true>({ max: 50_000 });
  /** The comment whose reply says something, by what that is and to whom; and the other way round. */
  readonly #answers: LRUCache<string, number>;
  readonly #answersOf = new LRUCache<number, string>({ max: 20_000 });

  constructor(options: AdmissionsOptions) {
    this.#options = { share: () => 1, now: () => performance.now(), ...options };
    const clock = { perf: { now: this.#options.now }, ttlResolution: 0 };
    this.#members = new LRUCache({ max: 50_000, ttl: 24 * hour, ...clock });
    this.#readers = new LRUCache({ max: 50_000, ttl: readerMemory, ...clock });
    this.#answers = new LRUCache({ max: 20_000, ttl: 24 * hour, ...clock });
  }

  /** Does what a comment asks for when it is its author's turn; `held` if too much was looked up for such people lately. */
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
   * Lets something else be looked up for a visitor, by about so many calls. Returns the kind of write that it may lead to.
   * @throws LookupsHeld if too much was looked up for such people lately
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

  /** Whether a comment waits for its turn, or has it and nobody knows yet that its author may run something. */
  isWaiting(comment: HeardComment): boolean {
    return this.#waiting.has(comment.comment.id) && !this.#members.has(keyOf(visitorOf(comment)));
  }

  /** Resolves once no comment waits to be looked at: until then people who may run nothing are not answered. */
  quiet(installation: number): Promise<void> {
    return this.#account(installation).queue.empty();
  }

  /** Learns whether a comment's author may run something. Returns whether the comment is to be answered. */
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

  /** A comment is answered, or stays unanswered. `isWritten`: its reply stands there. */
  finish({ installation, comment: { id } }: HeardComment, isWritten: boolean): void {
    this.#account(installation).answering.delete(id);
    const key = this.#answersOf.get(id);
    // Another comment may be answered so.
    if (!isWritten && key !== undefined && this.#answers.get(key) === id) this.#answers.delete(key);
  }

  #hasRoomForAnswer(visitor: Visitor): boolean {
    const { answering } = this.#account(visitor.installation);
    return this.#options.budget.roomForReader(visitor) > answering.size;
  }

  /** Returns whether no other comment was answered the same in the last day. `key`: to whom, where, and what. */
  claimsAnswer(key: string, { comment: { id } }: HeardComment): boolean {
    const owner = this.#answers.get(key);
    if (owner !== undefined && owner !== id) return false;
    this.#answers.set(key, id);
    this.#answersOf.set(id, key);
    return true;
  }

  /** Charges calls to GitHub for a comment, unless its author is known to be allowed something. */
  charge(visitor: Visitor, calls: number): void {
    if (this.#members.has(keyOf(visitor))) return;
    this.#account(visitor.installation).reads.take(calls, this.#options.now());
  }

  /** Returns whether the comment, by its id, stays unanswered for good. */
  isSilenced(comment: number): boolean {
    return this.#silenced.has(comment);
  }

  /** Returns whether something may be looked up now for somebody whom we do not know. Takes nothing. */
  hasRoom(installation: number, isAffiliated: boolean): boolean {
    const { reads } = this.#account(installation);
    return reads.level(this.#options.now()) >= (isAffiliated ? 0 : reads.size * readsReserve) + 1;
  }

  /** A comment that could not be looked at, as GitHub did not answer, is not one that the person has used. */
  async #charged<T>(visitor: Visitor, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#person(visitor).take(-1, this.#options.now());
      throw error;
    }
  }

  /** Why nothing is to be looked up for this visitor now; otherwise takes one comment from what the person has left. */
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
    // Somebody whom we do not know may be allowed something: the sweep comes back to that comment.
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

/** A person may be allowed more than an app in that person's name, so the two are remembered apart. */
const keyOf = ({ installation, repository, person, app }: Visitor): string =>
  `${installation}/${repository}/${person}${app === undefined ? '' : `/${app ?? ''}`}`;

/** All apps of a person have one share together, so that nobody gets more by another app; the person's own is left to the person. */
const shareOf = ({ person, app }: Visitor): string => (app === undefined ? String(person) : `${person}/apps`);
