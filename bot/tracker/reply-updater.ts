import type { Audit } from '../../chatops/audit.ts';
import { classifyError } from '../../chatops/github/classify-error.ts';
import { WriteRefusedError, type CheckRuns } from '../../chatops/github/ports.ts';
import type { ReplyLease } from '../../chatops/lease/reply-lease.ts';
import { toScope } from '../../chatops/scope.ts';
import { exponentialDelay, spreadDelay } from '../../runtime/async/backoff.ts';
import type { Logger } from '../../runtime/log.ts';
import { WriteDelayedError, type Priority, type WriteBudget } from '../rate-limit/write-budget.ts';
import type { BotMetrics } from '../metrics.ts';
import { updateCheckRuns } from './check-runs.ts';
import { getElapsed, getEditDelay, type EditThrottle } from './edit-throttle.ts';
import { hasEndedRecently } from './reply-queue.ts';
import {
  haveAllEnded,
  markPending,
  toWriteTarget,
  type TrackedReply,
  type PendingUpdate,
  type ReplyTarget,
} from './tracked-reply.ts';
import {
  addFinalReaction,
  syncTrackedReply,
  type TrackedSyncResult,
  type ReplyPorts,
  type WriteContext,
} from './sync-tracked-reply.ts';
import { auditWriteFailure, type FailedWrite } from './audit-write-failure.ts';

export type ReplyUpdaterOptions = {
  ports: (target: ReplyTarget) => ReplyPorts;
  /** Shared with the webhooks, so that one writer at a time writes the reply to a comment. */
  replyLease: ReplyLease;
  /** Shared with the webhooks, whose writes also count. */
  budget: WriteBudget;
  throttle: EditThrottle;
  /** Records writes that GitHub refused. */
  audit: Audit;
  metrics: BotMetrics;
  log: Logger;
  /** The clock, in milliseconds; `performance.now` unless a test brings its own. */
  now?: () => number;
};

/** The delay after the first fault, in milliseconds. It doubles each time; calls that the app may not make are retried at most hourly in the end. */
const initialRetryDelay = 1_000;
const maxRetryDelay = 60_000;
const maxDeniedRetryDelay = 3_600_000;

/** The initial delay after all jobs have ended and the thread accepts no writes. It doubles each time; the last retry is after six days. */
const initialRefusedDelay = 60_000;
const maxRefusals = 13;

/** Updates one tracked reply at a time, and schedules its next update after faults and refusals. */
export class ReplyUpdater {
  readonly #options: ReplyUpdaterOptions;
  readonly #now: () => number;
  /** The orchestrator's clock minus ours. */
  clockOffset = 0;

  constructor(options: ReplyUpdaterOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Updates a reply. Returns `settled` if it needs no further updates. Never rejects. */
  async update(followed: TrackedReply): Promise<'settled' | 'followed'> {
    const pending = followed.pending ?? { since: this.#now(), priority: 'progress' };
    followed.pending = undefined;
    try {
      const isAccepted = await this.#updateAll(followed, pending);
      followed.faults = 0;
      return isAccepted ? this.#recordAccepted(followed) : this.#scheduleRefusedRetry(followed, pending);
    } catch (error) {
      return this.#scheduleFaultRetry(followed, pending, error);
    }
  }

  /**
   * Updates reply, reaction and check runs independently: a failure of one does not block the others, except that the last reaction
   * requires that the reply shows the end.
   * @returns whether GitHub accepted all of them, so that nothing must be retried
   * @throws the first fault, after all were tried
   */
  async #updateAll(followed: TrackedReply, pending: PendingUpdate): Promise<boolean> {
    const { installation, thread } = followed.target;
    const ports = this.#options.ports(followed.target);
    const writing = this.#createWriteContext(followed, pending.priority);
    const call = <T>(made: () => Promise<T>): Promise<T> => this.#options.budget.call(installation, made);
    // If this is refused, the name now refers to another repository, and nothing must be written there.
    await call(() => ports.visibility.isPublic(thread.repository));
    const reply = async (): Promise<boolean> => {
      const done = await syncTrackedReply(followed, ports, writing);
      this.#recordWrites(followed, done, pending);
      if (done.refused) this.#recordReplyRefusal(followed, done.refused);
      const isMarked = await this.#addFinalReaction(followed, done, ports, writing);
      return isMarked && !done.refused && !done.isNoticeOpen;
    };
    const accepted: boolean[] = [];
    const faults: unknown[] = [];
    for (const work of [reply, () => this.#updateCheckRuns(followed, ports.checks, writing)]) {
      await call(work).then(
        (isTaken) => accepted.push(isTaken),
        (fault: unknown) => faults.push(fault),
      );
    }
    if (faults.length > 0) throw faults[0];
    return accepted.every(Boolean);
  }

  /** @returns whether GitHub accepted the reaction, if one is due */
  async #addFinalReaction(
    followed: TrackedReply,
    done: TrackedSyncResult,
    { thread }: ReplyPorts,
    writing: WriteContext,
  ): Promise<boolean> {
    try {
      await addFinalReaction(followed, done, thread, writing);
      return true;
    } catch (error) {
      if (!(error instanceof WriteRefusedError)) throw error;
      return false;
    }
  }

  #recordAccepted(followed: TrackedReply): 'settled' | 'followed' {
    followed.refusals = 0;
    return followed.pending === undefined && haveAllEnded(followed) ? 'settled' : 'followed';
  }

  /**
   * Handles a refused write. A locked thread, or an archived or missing repository, may be reopened, so writes are retried when a job
   * changes its state, and after the last change with backoff for some days.
   */
  #scheduleRefusedRetry(followed: TrackedReply, pending: PendingUpdate): 'settled' | 'followed' {
    followed.refusals += 1;
    if (!haveAllEnded(followed)) return 'followed';
    if (followed.refusals > maxRefusals) return 'settled';
    markPending(followed, pending);
    const backoff = { minMilliseconds: initialRefusedDelay, maxMilliseconds: Infinity };
    followed.dueAt = this.#now() + spreadDelay(exponentialDelay(followed.refusals, backoff));
    return 'followed';
  }

  #createWriteContext(followed: TrackedReply, priority: Priority): WriteContext {
    const { replyLease, budget } = this.#options;
    const { target } = followed;
    const moment = { now: this.#now(), clockOffset: this.clockOffset };
    return {
      withReplyLease: (work) => replyLease.withReplyLease(toScope(target), target.comment.id, work),
      write: (made) => budget.write(toWriteTarget(target), priority, made),
      confirm: followed.faults > 0 || hasEndedRecently(followed.jobs.values(), moment),
      onRefusedNotice: (job, err) => {
        if (followed.refusals === 0) this.#recordRefusedWrite(followed, 'notice-refused', err, job);
      },
    };
  }

  async #updateCheckRuns(
    followed: TrackedReply,
    checks: CheckRuns,
    { write, confirm }: WriteContext,
  ): Promise<boolean> {
    const { written, isRefused } = await updateCheckRuns(followed, checks, {
      write,
      confirm,
      onRefused: (job, err) => this.#recordRefusedWrite(followed, 'check-refused', err, job),
    });
    this.#options.metrics.writes.inc({ outcome: 'checked' }, written);
    return !isRefused;
  }

  #recordWrites(
    followed: TrackedReply,
    { written, noticed }: TrackedSyncResult,
    { since }: PendingUpdate,
  ): void {
    const { metrics, throttle: pace } = this.#options;
    if (noticed > 0) metrics.writes.inc({ outcome: 'noticed' }, noticed);
    if (!written) return;
    const now = this.#now();
    metrics.writes.inc({ outcome: written });
    metrics.lagSeconds.observe((now - since) / 1000);
    followed.progressDueAt =
      now + getEditDelay(pace, getElapsed(followed.jobs.values(), this.clockOffset + now));
  }

  /** Handles a fault: delayed writes wait for their turn; other faults are retried with backoff. */
  #scheduleFaultRetry(followed: TrackedReply, pending: PendingUpdate, err: unknown): 'settled' | 'followed' {
    const { metrics, log } = this.#options;
    if (err instanceof WriteRefusedError) {
      this.#recordReplyRefusal(followed, err);
      return this.#scheduleRefusedRetry(followed, pending);
    }
    markPending(followed, pending);
    if (err instanceof WriteDelayedError) {
      metrics.writes.inc({ outcome: 'held' });
      return 'followed';
    }
    metrics.writes.inc({ outcome: 'fault' });
    // GitHub suspends apps that repeat calls that are forbidden or invalid.
    const kind = classifyError(err)?.kind;
    const denied = kind === 'forbidden' || kind === 'invalid';
    if (followed.faults === 0) {
      if (kind === 'forbidden') this.#recordRefusedWrite(followed, 'reply-not-permitted', err);
      else log.warn({ err, ...toLogFields(followed) }, 'could not update a reply: retrying');
    }
    const maxMilliseconds = denied ? maxDeniedRetryDelay : maxRetryDelay;
    const backoff = { minMilliseconds: initialRetryDelay, maxMilliseconds };
    followed.dueAt = this.#now() + spreadDelay(exponentialDelay(followed.faults, backoff));
    followed.faults += 1;
    return 'followed';
  }

  /** Records a refusal once, as long as it lasts. */
  #recordReplyRefusal(followed: TrackedReply, err: WriteRefusedError): void {
    this.#options.metrics.writes.inc({ outcome: 'refused' });
    if (followed.refusals === 0) this.#recordRefusedWrite(followed, 'reply-refused', err);
  }

  #recordRefusedWrite(followed: TrackedReply, outcome: FailedWrite, err: unknown, job?: string): void {
    const { audit, log } = this.#options;
    log.warn({ err, ...toLogFields(followed), outcome }, 'GitHub refused a write');
    auditWriteFailure(audit, followed, outcome, job);
  }
}

const toLogFields = ({ target }: TrackedReply) => ({
  repository: target.thread.repository.name,
  comment: target.comment.id,
});
