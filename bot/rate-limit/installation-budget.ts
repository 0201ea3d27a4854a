import { LRUCache } from 'lru-cache';
import { TokenBucket, tolerance } from './token-bucket.ts';

/**
 * The purpose of a write, most urgent first. `reply`: an answer to a person who can run something. `final`: the end of a job.
 * `news`: another state change of a job. `reaction`: a reaction to a comment. `progress`: anything else about a job. `reader`: any
 * write that a person without permissions causes; `reader-reaction`: a reaction to such a person's comment.
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

/** Where a write is charged: to a repository, by id, and for readers also to the person. */
export type WriteCharge = { repository: number; priority: Priority; person?: number | undefined };

/** The share of the bucket that is reserved for more urgent writes. */
const reserves = {
  reply: 0,
  final: 0,
  news: 0.05,
  reaction: 0.2,
  progress: 0.2,
  reader: 0.2,
  'reader-reaction': 0.2,
} as const satisfies Record<Priority, number>;

/** The share that is reserved for repositories, in equal parts: those with a write in the last hour, and one new repository. */
const reservedShare = 0.3;
/** Each part is at least one write, as long as all parts together leave this share unreserved. */
const minUnreservedShare = 0.5;

/** The share of all readers together, and one reader's share of that. */
const readersShare = 0.1;
const personShare = 0.4;
/** The share of both that reactions must leave for answers. */
const answerShare = 0.5;

const hourMilliseconds = 3_600_000;

type RepositoryBudget = { own: TokenBucket; writtenAt: number };

/**
 * Limits the writes of one installation of the app with a hierarchy of token buckets. The installation's bucket holds half of an
 * hour's writes and refills with the other half in an hour, so that no hour exceeds the limit. Below it, each repository has a
 * small bucket of reserved tokens; a repository that has used its own borrows unreserved tokens. Readers (people without
 * permissions) have a common bucket and one each, and use only what is left over. All times are in milliseconds, by the caller's
 * clock.
 */
export class InstallationBudget {
  readonly #installation: TokenBucket;
  readonly #readers: TokenBucket;
  readonly #people = new LRUCache<number, TokenBucket>({ max: 10_000 });
  /** Repositories with a write in the last hour. The sum of their tokens never exceeds the installation's bucket. */
  readonly #repositories = new Map<number, RepositoryBudget>();

  /** @param size the writes that the full bucket holds, and that it gains in an hour */
  constructor(size: number, now: number) {
    this.#installation = new TokenBucket(size, now);
    this.#readers = new TokenBucket(size * readersShare, now);
  }

  get size(): number {
    return this.#installation.size;
  }

  /** Changes the size. The buckets keep their tokens, as far as they fit. */
  resize(size: number, now: number): void {
    this.#installation.resize(size, now);
    this.#readers.resize(size * readersShare, now);
    this.#resizeParts(now);
  }

  /** Returns how long a write must wait: 0 if it can be made now, `Infinity` if never. */
  getWait(charge: WriteCharge, now: number): number {
    this.#removeIdleRepositories(now);
    const { priority, person } = charge;
    const reserve = this.size * reserves[priority];
    const borrow = this.#getBorrowWait(reserve, now);
    if (isReaderPriority(priority)) {
      const buckets =
        person === undefined ? [this.#readers] : [this.#readers, this.#getPersonBucket(person, now)];
      const least = (size: number) => (priority === 'reader' ? 1 : 1 + size * answerShare);
      return Math.max(borrow, ...buckets.map((bucket) => bucket.getWait(least(bucket.size), now)));
    }
    const least = this.#installation.getWait(Math.min(this.size, 1 + reserve), now);
    return Math.max(least, Math.min(this.#getRepositoryWait(charge.repository, now), borrow));
  }

  /** Charges a write that can be made now. */
  take({ repository, priority, person }: WriteCharge, now: number): void {
    if (isReaderPriority(priority)) {
      this.#readers.take(1, now);
      if (person !== undefined) this.#getPersonBucket(person, now).take(1, now);
    } else {
      const { own } = this.#recordWrite(repository, now);
      if (own.getWait(1, now) === 0) own.take(1, now);
    }
    this.#installation.take(1, now);
  }

  /** Returns how many writes all readers together could make now, if nothing else limited them. */
  getReadersLeft(now: number): number {
    return Math.floor(this.#readers.level(now));
  }

  #getRepositoryWait(repository: number, now: number): number {
    const known = this.#repositories.get(repository);
    if (known) return known.own.getWait(1, now);
    return this.#getUnclaimed(this.#getReservedPart(this.#repositories.size + 1), now) >= 1 ? 0 : Infinity;
  }

  /** Returns the time until the bucket holds a token besides the reserve and the parts of repositories. */
  #getBorrowWait(reserve: number, now: number): number {
    const owns = [...this.#repositories.values()].map(({ own }) => own);
    const part = this.#getReservedPart(owns.length);
    const aside = part + sum(owns.map((own) => own.level(now)));
    const missing = Math.min(this.size, 1 + aside + reserve) - this.#installation.level(now);
    if (missing <= tolerance) return 0;
    const filling = sum(owns.filter((own) => own.level(now) < own.size).map(({ size }) => size));
    return (missing / (this.size - filling)) * hourMilliseconds;
  }

  /** Returns the initial tokens of a new repository's part, without those of other repositories. */
  #getUnclaimed(part: number, now: number): number {
    const claimed = sum([...this.#repositories.values()].map(({ own }) => Math.min(part, own.level(now))));
    return Math.min(part, this.#installation.level(now) - claimed);
  }

  /** Returns the part of each repository for a number of active repositories; 0 if there are too many for a reserve. */
  #getReservedPart(repositories: number): number {
    const part = (this.size * reservedShare) / (repositories + 1);
    if (part >= 1) return part;
    return repositories + 1 <= this.size * (1 - minUnreservedShare) ? 1 : 0;
  }

  #recordWrite(repository: number, now: number): RepositoryBudget {
    const known = this.#repositories.get(repository);
    if (known) {
      known.writtenAt = now;
      return known;
    }
    const part = this.#getReservedPart(this.#repositories.size + 1);
    const made = { own: new TokenBucket(part, now, this.#getUnclaimed(part, now)), writtenAt: now };
    this.#repositories.set(repository, made);
    this.#resizeParts(now);
    return made;
  }

  /** Removes repositories without a write in the last hour. */
  #removeIdleRepositories(now: number): void {
    const before = this.#repositories.size;
    for (const [repository, { writtenAt }] of this.#repositories)
      if (now - writtenAt >= hourMilliseconds) this.#repositories.delete(repository);
    if (this.#repositories.size !== before) this.#resizeParts(now);
  }

  #resizeParts(now: number): void {
    const part = this.#getReservedPart(this.#repositories.size);
    for (const { own } of this.#repositories.values()) own.resize(part, now);
  }

  #getPersonBucket(person: number, now: number): TokenBucket {
    const size = Math.min(this.#readers.size, Math.max(1, this.#readers.size * personShare));
    const bucket = this.#people.get(person) ?? new TokenBucket(size, now);
    if (bucket.size !== size) bucket.resize(size, now);
    this.#people.set(person, bucket);
    return bucket;
  }
}

const isReaderPriority = (priority: Priority): boolean =>
  priority === 'reader' || priority === 'reader-reaction';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
