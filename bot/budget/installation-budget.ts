import { LRUCache } from 'lru-cache';
import { Bucket, rounding } from './bucket.ts';

/**
 * What a write is for, most urgent first. `reply`: the answer to somebody who may run something. `final`: the end of a job.
 * `news`: a job that goes over to another state. `reaction`: a mark on a comment. `progress`: anything else about a job.
 * `reader`: any write that a person causes who may run nothing; `reader-reaction`: a mark on a comment of such a person.
 */
export const priorities = [
  'reply',
  'final',
  'news',
  'reaction',
  'progress',
  'reader',
  'reader-reaction',
] as const;
export type Priority = (typeof priorities)[number];

/** What a write is charged to: a repository, by its id, and for readers the person. */
export type Charge = { repository: number; priority: Priority; person?: number | undefined };

/** The share of the bucket that is kept for what is more urgent. */
const reserves = {
  reply: 0,
  final: 0,
  news: 0.05,
  reaction: 0.2,
  progress: 0.2,
  reader: 0.2,
  'reader-reaction': 0.2,
} as const satisfies Record<Priority, number>;

/** What is set aside for repositories, in equal parts: those with a write in the last hour, and one that may come. */
const guaranteed = 0.3;
/** A part is at least one write, as long as all of them leave this share to whoever needs more. */
const common = 0.5;

/** What people who may run nothing may use, all of them together; and how much of that one of them. */
const readersShare = 0.1;
const personShare = 0.4;
/** The share of both that reactions leave to answers. */
const answersShare = 0.5;

const hour = 3_600_000;

type RepositoryBudget = { own: Bucket; writtenAt: number };

/**
 * How much one installation of the app may write: a hierarchy of token buckets. The installation's holds half of an hour's
 * writes and fills up by the other half in an hour, so that no hour sees more than all of them. Beneath it each repository has a
 * small bucket whose tokens are kept for it; a repository that has used its own borrows what no other one has set aside. People
 * who may run nothing have a bucket together and one each, and only use what is left over. All times are in milliseconds, by the
 * caller's clock.
 */
export class InstallationBudget {
  readonly #all: Bucket;
  readonly #readers: Bucket;
  readonly #persons = new LRUCache<number, Bucket>({ max: 10_000 });
  /** Those that have written within the last hour. Their tokens are never more than the installation's bucket holds. */
  readonly #repositories = new Map<number, RepositoryBudget>();

  /** @param size the writes that the full bucket holds, and that it fills up by in an hour */
  constructor(size: number, now: number) {
    this.#all = new Bucket(size, now);
    this.#readers = new Bucket(size * readersShare, now);
  }

  get size(): number {
    return this.#all.size;
  }

  /** Changes the size. What is in the buckets stays, as far as it fits. */
  resize(size: number, now: number): void {
    this.#all.resize(size, now);
    this.#readers.resize(size * readersShare, now);
    this.#divide(now);
  }

  /** Returns how long such a write has to wait: 0 if it may be made now, `Infinity` if it never may. */
  waitFor(charge: Charge, now: number): number {
    this.#forget(now);
    const { priority, person } = charge;
    const reserve = this.size * reserves[priority];
    const borrow = this.#borrowWait(reserve, now);
    if (isOfReader(priority)) {
      const buckets = person === undefined ? [this.#readers] : [this.#readers, this.#person(person, now)];
      const least = (size: number) => (priority === 'reader' ? 1 : 1 + size * answersShare);
      return Math.max(borrow, ...buckets.map((bucket) => bucket.waitFor(least(bucket.size), now)));
    }
    const least = this.#all.waitFor(Math.min(this.size, 1 + reserve), now);
    return Math.max(least, Math.min(this.#ownWait(charge.repository, now), borrow));
  }

  /** Charges a write that may be made now. */
  take({ repository, priority, person }: Charge, now: number): void {
    if (isOfReader(priority)) {
      this.#readers.take(1, now);
      if (person !== undefined) this.#person(person, now).take(1, now);
    } else {
      const { own } = this.#seen(repository, now);
      if (own.waitFor(1, now) === 0) own.take(1, now);
    }
    this.#all.take(1, now);
  }

  /** Returns how many writes all readers together could make now, if nothing else was in their way. */
  readersLeft(now: number): number {
    return Math.floor(this.#readers.level(now));
  }

  #ownWait(repository: number, now: number): number {
    const known = this.#repositories.get(repository);
    if (known) return known.own.waitFor(1, now);
    return this.#unclaimed(this.#part(this.#repositories.size + 1), now) >= 1 ? 0 : Infinity;
  }

  /** Until there is a token beside the reserve, and what repositories have set aside. */
  #borrowWait(reserve: number, now: number): number {
    const owns = [...this.#repositories.values()].map(({ own }) => own);
    const part = this.#part(owns.length);
    const aside = part + sum(owns.map((own) => own.level(now)));
    const missing = Math.min(this.size, 1 + aside + reserve) - this.#all.level(now);
    if (missing <= rounding) return 0;
    const filling = sum(owns.filter((own) => own.level(now) < own.size).map(({ size }) => size));
    return (missing / (this.size - filling)) * hour;
  }

  /** What a new repository finds of its part: no token that is another's. */
  #unclaimed(part: number, now: number): number {
    const claimed = sum([...this.#repositories.values()].map(({ own }) => Math.min(part, own.level(now))));
    return Math.min(part, this.#all.level(now) - claimed);
  }

  /** A repository's part if so many have written lately; 0 if there are too many to set anything aside. */
  #part(repositories: number): number {
    const part = (this.size * guaranteed) / (repositories + 1);
    if (part >= 1) return part;
    return repositories + 1 <= this.size * (1 - common) ? 1 : 0;
  }

  #seen(repository: number, now: number): RepositoryBudget {
    const known = this.#repositories.get(repository);
    if (known) {
      known.writtenAt = now;
      return known;
    }
    const part = this.#part(this.#repositories.size + 1);
    const made = { own: new Bucket(part, now, this.#unclaimed(part, now)), writtenAt: now };
    this.#repositories.set(repository, made);
    this.#divide(now);
    return made;
  }

  /** Leaves out repositories that have written nothing for an hour. */
  #forget(now: number): void {
    const before = this.#repositories.size;
    for (const [repository, { writtenAt }] of this.#repositories)
      if (now - writtenAt >= hour) this.#repositories.delete(repository);
    if (this.#repositories.size !== before) this.#divide(now);
  }

  #divide(now: number): void {
    const part = this.#part(this.#repositories.size);
    for (const { own } of this.#repositories.values()) own.resize(part, now);
  }

  #person(person: number, now: number): Bucket {
    const size = Math.min(this.#readers.size, Math.max(1, this.#readers.size * personShare));
    const bucket = this.#persons.get(person) ?? new Bucket(size, now);
    if (bucket.size !== size) bucket.resize(size, now);
    this.#persons.set(person, bucket);
    return bucket;
  }
}

const isOfReader = (priority: Priority): boolean => priority === 'reader' || priority === 'reader-reaction';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
