import type { CommentId } from '../../contracts/comment-id.ts';
import { LRUCache } from 'lru-cache';
import type { Logger } from '../../runtime/log.ts';
import type { WriteBudget } from '../rate-limit/write-budget.ts';
import type { BotMetrics } from '../metrics.ts';
import type { ReceivedComment } from './webhook-events.ts';
import { FairQueue } from './fair-queue.ts';
import {
  LookupBudget,
  LookupBudgetError,
  type ExhaustedBudget,
  type LookupBudgetOptions,
} from './lookup-budget.ts';

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

/** Why a comment is left unanswered: a lookup budget is used up, the queue is full, or there is no budget for the answer. */
type HoldReason = ExhaustedBudget | 'queue' | 'writes';

/** `share` is 1 by default, and `now` is `performance.now` unless a test brings its own. */
type AdmissionControlOptions = Pick<LookupBudgetOptions, 'hourly'> &
  Partial<LookupBudgetOptions> & {
    budget: Pick<WriteBudget, 'getReaderCapacity'>;
    metrics: Pick<BotMetrics, 'commentsHeld'>;
    log: Logger;
  };

/** The state of one installation. */
type InstallationState = {
  queue: FairQueue;
  /** The ids of readers' comments that are being answered. */
  answering: Set<CommentId>;
  loggedAt: number;
};

/** The concurrency limit of comments by people who are not known to have permissions. */
const maxConcurrentComments = 12;
const maxQueuedComments = 2_000;

const dayMilliseconds = 86_400_000;
const readerTtlMilliseconds = 600_000;
const logIntervalMilliseconds = 60_000;

/**
 * Limits the cost of people without permissions. Comments of people who are known to have permissions are processed at once. All
 * other comments wait in a fair queue: people who belong to the repository come first, and each person's comments run one after
 * another. What is remembered about people only affects the order; permissions are requested from GitHub each time.
 */
export class AdmissionControl {
  readonly #options: Required<AdmissionControlOptions>;
  readonly #lookups: LookupBudget;
  readonly #installations = new LRUCache<number, InstallationState>({ max: 1_000 });
  /** People who were allowed something in the last day, and people who were not in the last minutes. */
  readonly #knownMembers: LRUCache<string, true>;
  readonly #knownReaders: LRUCache<string, true>;
  /** Comments that are waiting or being processed, and comments that get no answer, by id. */
  readonly #waiting = new Set<CommentId>();
  readonly #silenced = new LRUCache<CommentId, true>({ max: 50_000 });
  /** The comment whose reply contains an answer, by answer and person; and the reverse. */
  readonly #answers: LRUCache<string, CommentId>;
  readonly #answerKeys = new LRUCache<CommentId, string>({ max: 20_000 });

  constructor(options: AdmissionControlOptions) {
    this.#options = { share: () => 1, now: () => performance.now(), ...options };
    this.#lookups = new LookupBudget(this.#options);
    const clock = { perf: { now: this.#options.now }, ttlResolution: 0 };
    this.#knownMembers = new LRUCache({ max: 50_000, ttl: dayMilliseconds, ...clock });
    this.#knownReaders = new LRUCache({ max: 50_000, ttl: readerTtlMilliseconds, ...clock });
    this.#answers = new LRUCache({ max: 20_000, ttl: dayMilliseconds, ...clock });
  }

  /** Processes a comment when its author's turn comes; returns `held` if it is left unanswered, see `HoldReason`. */
  async run<T>(comment: ReceivedComment, work: () => Promise<T>): Promise<T | 'held'> {
    const subject = toAdmissionSubject(comment);
    const key = toPersonKey(subject);
    if (this.#knownMembers.has(key)) return work();
    const { id } = comment.comment;
    const { queue } = this.#getState(subject.installation);
    if (queue.length >= maxQueuedComments) return this.#recordHold(subject, 'queue', id);
    this.#waiting.add(id);
    const result = queue.run(toBudgetKey(subject), this.#hasPriority(subject), async () => {
      if (this.#knownMembers.has(key)) return work();
      const reason = this.#findHoldReason(subject);
      return reason === undefined
        ? this.#refundOnFault(subject, work)
        : this.#recordHold(subject, reason, id);
    });
    return result.finally(() => this.#waiting.delete(id));
  }

  /**
   * Charges other lookups for a person, with an approximate number of calls. Returns the priority of the resulting write.
   * @throws LookupBudgetError if the lookup budget for such people is used up
   */
  admitLookups(subject: AdmissionSubject, calls: number): 'news' | 'reader' {
    if (this.#knownMembers.has(toPersonKey(subject))) return 'news';
    const reason = this.#findHoldReason(subject);
    if (reason !== undefined) {
      this.#recordHold(subject, reason, undefined);
      throw new LookupBudgetError(`The lookup budget for people without permissions is used up (${reason})`);
    }
    this.charge(subject, calls);
    return this.#hasPriority(subject) ? 'news' : 'reader';
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
    return this.#getState(installation).queue.waitUntilEmpty();
  }

  /** Records whether a comment's author has permissions. Returns whether to answer the comment. */
  recordPermissions(comment: ReceivedComment, isReader: boolean): boolean {
    const subject = toAdmissionSubject(comment);
    const key = toPersonKey(subject);
    if (!isReader) {
      this.#knownMembers.set(key, true);
      this.#knownReaders.delete(key);
      return true;
    }
    this.#knownMembers.delete(key);
    this.#knownReaders.set(key, true);
    const { id } = comment.comment;
    if (this.#hasRoomForAnswer(subject)) {
      this.#getState(subject.installation).answering.add(id);
      return true;
    }
    this.#recordHold(subject, 'writes', id);
    return false;
  }

  /** Records that a comment was answered or gets no answer. `isWritten`: its reply was written. */
  finish({ installation, comment: { id } }: ReceivedComment, isWritten: boolean): void {
    this.#getState(installation).answering.delete(id);
    const key = this.#answerKeys.get(id);
    // Another comment can get this answer.
    if (!isWritten && key !== undefined && this.#answers.get(key) === id) this.#answers.delete(key);
  }

  #hasRoomForAnswer(subject: AdmissionSubject): boolean {
    const { answering } = this.#getState(subject.installation);
    return this.#options.budget.getReaderCapacity(subject) > answering.size;
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
  charge(subject: AdmissionSubject, calls: number): void {
    if (this.#knownMembers.has(toPersonKey(subject))) return;
    this.#lookups.charge(subject.installation, calls);
  }

  /** Returns whether a comment, by id, will never get an answer. */
  isSilenced(comment: CommentId): boolean {
    return this.#silenced.has(comment);
  }

  /** Returns whether the budget has room for lookups for an unknown person. Charges nothing. */
  hasRoom(installation: number, isAffiliated: boolean): boolean {
    return this.#lookups.hasRoom(installation, isAffiliated);
  }

  /** Refunds a comment that could not be processed because GitHub did not answer. */
  async #refundOnFault<T>(subject: AdmissionSubject, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#lookups.refundComment(subject.installation, toBudgetKey(subject));
      throw error;
    }
  }

  /** Returns why lookups for a person are refused; otherwise charges one comment to the person. */
  #findHoldReason(subject: AdmissionSubject): HoldReason | undefined {
    if (this.#knownReaders.has(toPersonKey(subject)) && !this.#hasRoomForAnswer(subject)) return 'writes';
    return this.#lookups.takeComment(subject.installation, toBudgetKey(subject), this.#hasPriority(subject));
  }

  #hasPriority(subject: AdmissionSubject): boolean {
    return subject.isAffiliated && !this.#knownReaders.has(toPersonKey(subject));
  }

  #recordHold(subject: AdmissionSubject, reason: HoldReason, comment: CommentId | undefined): 'held' {
    const { metrics, log, now } = this.#options;
    const state = this.#getState(subject.installation);
    metrics.commentsHeld.inc({ reason });
    // An unknown person may have permissions, so the sweep returns to the comment.
    if (comment !== undefined && this.#knownReaders.has(toPersonKey(subject)))
      this.#silenced.set(comment, true);
    if (now() - state.loggedAt >= logIntervalMilliseconds) {
      state.loggedAt = now();
      log.warn(
        { installation: subject.installation, kind: 'reader', reason },
        'leaving comments by people without permissions unanswered: there are too many',
      );
    }
    return 'held';
  }

  #getState(installation: number): InstallationState {
    const known = this.#installations.get(installation);
    if (known) return known;
    const created = {
      queue: new FairQueue(maxConcurrentComments),
      answering: new Set<CommentId>(),
      loggedAt: -Infinity,
    };
    this.#installations.set(installation, created);
    return created;
  }
}

export const toAdmissionSubject = ({ author, ...comment }: ReceivedComment): AdmissionSubject => ({
  installation: comment.installation,
  repository: comment.thread.repository.id,
  person: author.id,
  isAffiliated: comment.isAffiliated ?? false,
  ...(author.kind === 'person-via-app' ? { app: author.app } : {}),
});

/** Returns the key of a person, or of an app on the person's behalf, which may have fewer permissions. */
const toPersonKey = ({ installation, repository, person, app }: AdmissionSubject): string =>
  `${installation}/${repository}/${person}${app === undefined ? '' : `/${app ?? ''}`}`;

/** Returns the key of the budget that a comment is charged to: the person's own, or the one that all apps of the person share. */
const toBudgetKey = ({ person, app }: AdmissionSubject): string =>
  app === undefined ? String(person) : `${person}/apps`;
