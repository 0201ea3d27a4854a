import { createHash } from 'node:crypto';
import type { Audit, AuditEntry } from '../../chatops/audit.ts';
import type { CommentResult } from '../../chatops/handle-comment.ts';
import { WriteRefusedError } from '../../chatops/github/ports.ts';
import { isTooOld } from '../../chatops/late.ts';
import type { WriteGuard } from '../../chatops/lease/reply-lease.ts';
import type { Logger } from '../../runtime/log.ts';
import { WriteDelayedError } from '../rate-limit/write-budget.ts';
import { withTimeout } from '../../runtime/async/timeout.ts';
import { pause } from '../timeout.ts';
import type { ReceivedComment } from './comment.ts';

export type CommentIntakeOptions = {
  /** Runs the comment's commands; undefined if it contains none, `held` if it was not processed. */
  converse: (comment: ReceivedComment) => Promise<CommentResult | undefined | 'held'>;
  /** Replies that the comment's commands are too old; undefined if it contains none, `held` if it was not processed. */
  answerMissed: (comment: ReceivedComment) => Promise<CommentResult | undefined | 'held'>;
  /** Writes the reply; calls `held` right before each write. */
  reply: (comment: ReceivedComment, turn: CommentResult, held: WriteGuard) => Promise<void>;
  /** Runs work while nobody else, in this process or another, writes the reply to the comment. */
  withReply: (comment: ReceivedComment, work: (held: WriteGuard) => Promise<void>) => Promise<void>;
  /** Told of replies that never come to be. */
  audit: Audit;
  /** A comment may have started jobs. */
  onStarted: () => void;
  /** Called when the reply to a comment was written or given up. */
  onReplied: (comment: ReceivedComment, isWritten: boolean) => void;
  /** Called when a comment gets no reply: there is nothing to reply, or processing failed. */
  onUnanswered: (comment: ReceivedComment) => void;
  /** Returns whether a comment is still waiting for its turn. */
  isWaiting: (comment: ReceivedComment) => boolean;
  /** Resolves when readers can be answered. */
  turnOfReaders: (comment: ReceivedComment) => Promise<void>;
  /** Ends the waits between attempts. */
  stopping: AbortSignal;
  /** Waits a number of milliseconds, or until the signal aborts; a timer by default, replaced in tests. */
  pause?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
};

/**
 * The outcome of a comment. `held`: it was not processed, because there are too many comments by people without permissions;
 * `waiting`: it was not processed yet.
 */
export type IntakeOutcome = 'accepted' | 'no-command' | 'thread-closed' | 'held' | 'waiting';

/** What became of a reply. `refused`: it never can be written. `given-up`: it could not be written for now. */
type ReplyOutcome = 'written' | 'refused' | 'given-up';

type IntakeResult = { outcome: Exclude<IntakeOutcome, 'waiting'>; replied: Promise<ReplyOutcome> };

/** GitHub waits 10 s, and Probot answers "accepted" after 9 s: a start that takes longer must count as failed before that. */
const webhookTimeoutMilliseconds = 8_500;

/** Between the attempts to write a reply that no job would make up for. */
const replyRetryDelays = [500, 5_000, 30_000];

/** The minimum and maximum delay between attempts to write a reply that waits for the budget, in milliseconds. */
const budgetDelayBounds = { min: 1_000, max: 60_000 };

/** Hears comments, however often each comes: what comes again while it is worked on shares that work. */
export class CommentIntake {
  readonly #options: CommentIntakeOptions;
  readonly #pause: NonNullable<CommentIntakeOptions['pause']>;
  /** By content: an edit is another piece of work than the comment that it changes. Each leaves when its reply is written. */
  readonly #inFlight = new Map<string, Promise<IntakeResult>>();

  constructor(options: CommentIntakeOptions) {
    this.#options = options;
    this.#pause = options.pause ?? pause;
  }

  /**
   * Resolves when the webhook may be answered: all jobs of the comment are started, and what no job would make up for stands
   * in its reply. Otherwise the reply follows by itself. What comes too late is answered as missed.
   * @param log names what told of the comment
   * @throws if a job could not be started, or such a reply not be written, or not in time: the comment is to be delivered again
   */
  async handle(comment: ReceivedComment, log: Logger): Promise<IntakeOutcome> {
    const { converse, answerMissed } = this.#options;
    const answer = isTooOld(comment) ? answerMissed : converse;
    const taken = this.#deduplicate(comment, () => this.#process(comment, answer, log));
    const late = `Comment ${comment.comment.id} was not taken in time`;
    try {
      return (await withTimeout(webhookTimeoutMilliseconds, taken, late)).outcome;
    } catch (error) {
      // No redelivery is needed: the comment gets its turn, or the sweep finds it.
      if (this.#options.isWaiting(comment)) return 'waiting';
      throw error;
    }
  }

  /** Answers a comment that is too old to act on. @throws if that could not be done; it may be tried again */
  async handleMissed(comment: ReceivedComment, log: Logger): Promise<IntakeOutcome> {
    const taken = this.#deduplicate(comment, () => this.#process(comment, this.#options.answerMissed, log));
    return (await taken).outcome;
  }

  /** Resolves when nothing is under way. */
  async waitUntilIdle(): Promise<void> {
    const over = async (taken: Promise<IntakeResult>): Promise<unknown> => (await taken).replied;
    while (this.#inFlight.size > 0) await Promise.allSettled([...this.#inFlight.values()].map(over));
  }

  #deduplicate(comment: ReceivedComment, take: () => Promise<IntakeResult>): Promise<IntakeResult> {
    const key = toDeduplicationKey(comment);
    const known = this.#inFlight.get(key);
    if (known) return known;
    const taken = take().catch((error: unknown) => {
      if (error instanceof WriteRefusedError) return this.#recordClosedThread(comment);
      throw error;
    });
    this.#inFlight.set(key, taken);
    const forget = () => void this.#inFlight.delete(key);
    taken.then(({ replied }) => replied.then(forget), forget);
    return taken;
  }

  /** A thread that takes no more is no fault: it would not take more if the comment came again. */
  #recordClosedThread(comment: ReceivedComment): IntakeResult {
    this.#options.audit.record(toAuditEntry(comment));
    return { outcome: 'thread-closed', replied: Promise.resolve('refused') };
  }

  async #process(
    comment: ReceivedComment,
    answer: CommentIntakeOptions['converse'],
    log: Logger,
  ): Promise<IntakeResult> {
    const { onStarted, onReplied, reply } = this.#options;
    const turn = await this.#runCommands(comment, answer);
    if (!turn || turn === 'held')
      return { outcome: turn ?? 'no-command', replied: Promise.resolve('written') };
    const jobs = turn.sections.flatMap((section) => (section.kind === 'job' ? [section.job.id] : []));
    const said = log.child({ jobs });
    said.info('a comment was taken');
    if (jobs.length > 0) onStarted();
    const write = (held: WriteGuard) => reply(comment, turn, held);
    const hasText = jobs.length < turn.sections.length;
    const replied = turn.toReader
      ? this.#writeOnce(comment, write, said)
      : this.#writeWithRetry(comment, write, { log: said, hasText });
    void replied.then((end) => onReplied(comment, end === 'written'));
    // Webhooks do not wait for answers that may be dropped.
    if (turn.toReader) return { outcome: 'accepted', replied };
    const end = hasText ? await replied : undefined;
    if (end === 'given-up')
      throw new Error(`The reply to comment ${comment.comment.id} could not be written`);
    // Where there is a job, its follower finds that out too, and tells.
    if (end === 'refused' && jobs.length === 0) return this.#recordClosedThread(comment);
    return { outcome: 'accepted', replied };
  }

  async #runCommands(
    comment: ReceivedComment,
    answer: CommentIntakeOptions['converse'],
  ): ReturnType<CommentIntakeOptions['converse']> {
    let turn: Awaited<ReturnType<CommentIntakeOptions['converse']>>;
    try {
      return (turn = await answer(comment));
    } finally {
      if (!turn || turn === 'held') this.#options.onUnanswered(comment);
    }
  }

  /**
   * Retries a write after faults, and for as long as the budget delays it; never rejects. If the comment has a job, the tracker
   * recovers a lost reply.
   */
  async #writeWithRetry(
    comment: ReceivedComment,
    write: ReplyWriter,
    { log, hasText }: { log: Logger; hasText: boolean },
  ): Promise<ReplyOutcome> {
    const { withReply, stopping } = this.#options;
    const pauses = [...replyRetryDelays];
    for (;;) {
      try {
        await withReply(comment, write);
        return 'written';
      } catch (err) {
        const isHeld = err instanceof WriteDelayedError && hasText;
        const wait = isHeld ? getBudgetDelay(err) : pauses.shift();
        const last = wait === undefined || err instanceof WriteRefusedError || stopping.aborted;
        // The budget itself logs that it delays writes.
        if (last || !isHeld)
          log.warn({ err }, last ? 'could not write a reply' : 'could not write a reply: retrying');
        if (last) return err instanceof WriteRefusedError ? 'refused' : 'given-up';
        await this.#pause(wait, stopping);
      }
    }
  }

  /** Attempts a write once; never rejects. */
  async #writeOnce(comment: ReceivedComment, write: ReplyWriter, log: Logger): Promise<ReplyOutcome> {
    const { turnOfReaders, withReply } = this.#options;
    try {
      await turnOfReaders(comment);
      await withReply(comment, write);
      return 'written';
    } catch (err) {
      if (!(err instanceof WriteDelayedError)) log.warn({ err }, 'could not write a reply');
      return err instanceof WriteRefusedError ? 'refused' : 'given-up';
    }
  }
}

type ReplyWriter = (held: WriteGuard) => Promise<void>;

const getBudgetDelay = ({ milliseconds }: WriteDelayedError): number =>
  Math.min(budgetDelayBounds.max, Math.max(budgetDelayBounds.min, milliseconds));

/** What its commands came to, other lines of the audit tell. */
const toAuditEntry = ({ host, thread, comment, author }: ReceivedComment): AuditEntry => ({
  v: 1,
  at: new Date().toISOString(),
  who: author,
  what: 'a comment',
  where: { host, thread, comment: comment.id },
  allowed: true,
  reason: 'thread-closed',
  request: null,
  policy: null,
  job: null,
  outcome: 'reply-refused',
});

const toDeduplicationKey = ({ comment: { id, body }, event }: ReceivedComment): string =>
  createHash('sha256')
    .update(JSON.stringify([id, body, event]))
    .digest('hex');
