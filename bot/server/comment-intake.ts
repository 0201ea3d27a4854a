import { createHash } from 'node:crypto';
import type { Audit, AuditEntry } from '../../chatops/audit.ts';
import type { CommentResult } from '../../chatops/handle-comment.ts';
import { WriteRefusedError } from '../../chatops/github/ports.ts';
import { isTooOld } from '../../chatops/incoming-comment.ts';
import type { Logger } from '../../runtime/log.ts';
import { WriteDelayedError } from '../rate-limit/write-budget.ts';
import { spreadDelay } from '../../runtime/async/backoff.ts';
import { sleep } from '../../runtime/async/clock.ts';
import { withTimeout } from '../../runtime/async/timeout.ts';
import type { ReceivedComment } from './webhook-events.ts';

/** The outcome of running a comment's commands: undefined if it contains none, `held` if it was not processed. */
type HandlerResult = CommentResult | undefined | 'held';

/** Processes comments, and is notified of what becomes of them. */
export interface CommentHandler {
  /** Runs the comment's commands. */
  handle(comment: ReceivedComment): Promise<HandlerResult>;
  /** Answers that the comment's commands are too old. */
  handleMissed(comment: ReceivedComment): Promise<HandlerResult>;
  /** Writes the reply, while nobody else, in this process or another, writes it. */
  postReply(comment: ReceivedComment, result: CommentResult): Promise<void>;
  /** Called when a comment may have started jobs. */
  onJobsStarted(): void;
  /** Called when the reply to a comment was written or given up. Must not reject; shutdown waits for it. */
  onReplied(comment: ReceivedComment, isWritten: boolean, result: CommentResult): void | Promise<void>;
  /** Called when a comment gets no reply: there is nothing to reply, or processing failed. */
  onUnanswered(comment: ReceivedComment): void;
  /** Returns whether a comment is still waiting for its turn. */
  isWaiting(comment: ReceivedComment): boolean;
  /** Resolves when readers can be answered. */
  waitForReaderTurn(comment: ReceivedComment): Promise<void>;
}

export type CommentIntakeOptions = {
  /** Records replies that can never be written. */
  audit: Audit;
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

/** The outcome of a reply. `refused`: it can never be written. `given-up`: it could not be written for now. */
type ReplyOutcome = 'written' | 'refused' | 'given-up';

type IntakeResult = { outcome: Exclude<IntakeOutcome, 'waiting'>; replied: Promise<ReplyOutcome> };

/** GitHub waits 10 s, and Probot answers "accepted" after 9 s: a start that takes longer must count as failed before that. */
const webhookTimeoutMilliseconds = 8_500;

/** The delays between attempts to write a reply, in milliseconds. */
const replyRetryDelays = [500, 5_000, 30_000];

/** The minimum and maximum delay between attempts to write a reply that waits for the budget, in milliseconds. */
const budgetDelayBounds = { min: 1_000, max: 60_000 };

/** Processes each comment, and writes its reply with retries. Deliveries of a comment that is being processed share one outcome. */
export class CommentIntake {
  readonly #handler: CommentHandler;
  readonly #options: Required<CommentIntakeOptions>;
  /** By content, because an edit is processed separately. An entry is removed when its reply is written. */
  readonly #inFlight = new Map<string, Promise<IntakeResult>>();

  constructor(handler: CommentHandler, options: CommentIntakeOptions) {
    this.#handler = handler;
    this.#options = { pause: (milliseconds, signal) => sleep(milliseconds, { signal }), ...options };
  }

  /**
   * Resolves when the webhook can be answered: all jobs of the comment are started, and a reply that no tracker would recover is
   * written. Other replies are written later. A comment that is too old is answered as missed.
   * @param log identifies the source of the comment
   * @throws if a job could not be started, or such a reply could not be written, or not in time: the comment must be delivered again
   */
  async handle(comment: ReceivedComment, log: Logger): Promise<IntakeOutcome> {
    const result = isTooOld(comment)
      ? this.#intake(comment, 'handleMissed', log)
      : this.#intake(comment, 'handle', log);
    const message = `Comment ${comment.comment.id} was not processed in time`;
    try {
      return (await withTimeout(webhookTimeoutMilliseconds, result, message)).outcome;
    } catch (error) {
      // No redelivery is needed: the comment gets its turn, or the sweep finds it.
      if (this.#handler.isWaiting(comment)) return 'waiting';
      throw error;
    }
  }

  /** Answers a comment that is too old to act on. @throws if that failed; the caller can retry */
  async handleMissed(comment: ReceivedComment, log: Logger): Promise<IntakeOutcome> {
    return (await this.#intake(comment, 'handleMissed', log)).outcome;
  }

  /** Resolves when no comment is being processed. */
  async waitUntilIdle(): Promise<void> {
    const waitForReply = async (result: Promise<IntakeResult>): Promise<unknown> => (await result).replied;
    while (this.#inFlight.size > 0) await Promise.allSettled([...this.#inFlight.values()].map(waitForReply));
  }

  /** Processes a comment, unless it is already being processed. */
  #intake(comment: ReceivedComment, method: HandlerMethod, log: Logger): Promise<IntakeResult> {
    const key = toDeduplicationKey(comment);
    const known = this.#inFlight.get(key);
    if (known) return known;
    const result = this.#process(comment, method, log).catch((error: unknown) => {
      if (error instanceof WriteRefusedError) return this.#recordClosedThread(comment);
      throw error;
    });
    this.#inFlight.set(key, result);
    const remove = () => void this.#inFlight.delete(key);
    result.then(({ replied }) => replied.then(remove), remove);
    return result;
  }

  /** A thread that accepts no writes is not a fault: it would not accept one after a redelivery, either. */
  #recordClosedThread(comment: ReceivedComment): IntakeResult {
    this.#options.audit.record(toAuditEntry(comment));
    return { outcome: 'thread-closed', replied: Promise.resolve('refused') };
  }

  async #process(comment: ReceivedComment, method: HandlerMethod, intakeLog: Logger): Promise<IntakeResult> {
    const result = await this.#runCommands(comment, method);
    if (!result || result === 'held')
      return { outcome: result ?? 'no-command', replied: Promise.resolve('written') };
    const jobs = result.sections.flatMap((section) => (section.kind === 'job' ? [section.job.id] : []));
    const log = intakeLog.child({ jobs });
    log.info('processed a comment');
    if (jobs.length > 0) this.#handler.onJobsStarted();
    const hasText = jobs.length < result.sections.length;
    const replied = result.toReader
      ? this.#writeOnce(comment, result, log)
      : this.#writeWithRetry(comment, result, { log, hasText });
    // The webhook does not wait for what follows its reply.
    const settled = replied.then(async (outcome) => {
      await this.#handler.onReplied(comment, outcome === 'written', result);
      return outcome;
    });
    // Webhooks do not wait for answers that may be dropped.
    if (result.toReader) return { outcome: 'accepted', replied: settled };
    const outcome = hasText ? await replied : undefined;
    if (outcome === 'given-up')
      throw new Error(`The reply to comment ${comment.comment.id} could not be written`);
    // If there is a job, the tracker records the refusal.
    if (outcome === 'refused' && jobs.length === 0) return this.#recordClosedThread(comment);
    return { outcome: 'accepted', replied: settled };
  }

  async #runCommands(comment: ReceivedComment, method: HandlerMethod): Promise<HandlerResult> {
    let result: HandlerResult;
    try {
      return (result = await this.#handler[method](comment));
    } finally {
      if (!result || result === 'held') this.#handler.onUnanswered(comment);
    }
  }

  /**
   * Retries a write after faults, and for as long as the budget delays it; never rejects. If the comment has a job, the tracker
   * recovers a lost reply.
   */
  async #writeWithRetry(
    comment: ReceivedComment,
    result: CommentResult,
    { log, hasText }: { log: Logger; hasText: boolean },
  ): Promise<ReplyOutcome> {
    const { stopping, pause } = this.#options;
    const delays = [...replyRetryDelays];
    for (;;) {
      try {
        await this.#handler.postReply(comment, result);
        return 'written';
      } catch (err) {
        const isDelayed = err instanceof WriteDelayedError && hasText;
        const delay = isDelayed ? getBudgetDelay(err) : delays.shift();
        const isLast = delay === undefined || err instanceof WriteRefusedError || stopping.aborted;
        // The budget itself logs that it delays writes.
        if (isLast || !isDelayed)
          log.warn({ err }, isLast ? 'could not write a reply' : 'could not write a reply: retrying');
        if (isLast) return err instanceof WriteRefusedError ? 'refused' : 'given-up';
        await pause(isDelayed ? delay : spreadDelay(delay), stopping);
      }
    }
  }

  /** Attempts a write once; never rejects. */
  async #writeOnce(comment: ReceivedComment, result: CommentResult, log: Logger): Promise<ReplyOutcome> {
    try {
      await this.#handler.waitForReaderTurn(comment);
      await this.#handler.postReply(comment, result);
      return 'written';
    } catch (err) {
      if (!(err instanceof WriteDelayedError)) log.warn({ err }, 'could not write a reply');
      return err instanceof WriteRefusedError ? 'refused' : 'given-up';
    }
  }
}

type HandlerMethod = 'handle' | 'handleMissed';

const getBudgetDelay = ({ milliseconds }: WriteDelayedError): number =>
  Math.min(budgetDelayBounds.max, Math.max(budgetDelayBounds.min, milliseconds));

/** Returns the entry of a reply that was refused. The commands have their own entries. */
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
