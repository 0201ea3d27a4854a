import type { Audit } from '../../chatops/audit.ts';
import { classifyError } from '../../chatops/github/classify-error.ts';
import { WriteRefusedError, type CheckRuns } from '../../chatops/github/ports.ts';
import type { ReplyLease } from '../../chatops/lease/reply-lease.ts';
import { toScope } from '../../chatops/incoming-comment.ts';
import { exponentialDelay, spreadDelay } from '../../runtime/async/backoff.ts';
import type { Logger } from '../../runtime/log.ts';
import { WriteDelayedError, type Priority, type WriteBudget } from '../rate-limit/write-budget.ts';
import type { BotMetrics } from '../metrics.ts';
import { updateCheckRuns } from './check-runs.ts';
import { getElapsed, getEditDelay, type EditThrottle } from './edit-throttle.ts';
import { hasEndedRecently } from './reply-queue.ts';
import { showsLastLines } from './last-lines.ts';
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
  async update(tracked: TrackedReply): Promise<'settled' | 'tracked'> {
    const pending = tracked.pending ?? { since: this.#now(), priority: 'progress' };
    tracked.pending = undefined;
    try {
      const isAccepted = await this.#updateAll(tracked, pending);
      tracked.faults = 0;
      return isAccepted ? this.#recordAccepted(tracked) : this.#scheduleRefusedRetry(tracked, pending);
    } catch (error) {
      return this.#scheduleFaultRetry(tracked, pending, error);
    }
  }

  /**
   * Updates reply, reaction and check runs independently: a failure of one does not block the others, except that the last reaction
   * requires that the reply shows the end.
   * @returns whether GitHub accepted all of them, so that nothing must be retried
   * @throws the first fault, after all were tried
   */
  async #updateAll(tracked: TrackedReply, pending: PendingUpdate): Promise<boolean> {
    const { installation, thread } = tracked.target;
    const ports = this.#options.ports(tracked.target);
    const writing = this.#createWriteContext(tracked, pending.priority);
    const call = <T>(made: () => Promise<T>): Promise<T> => this.#options.budget.call(installation, made);
    // If this is refused, the name now refers to another repository, and nothing must be written there.
    await call(() => ports.visibility.isPublic(thread.repository));
    const reply = async (): Promise<boolean> => {
      const done = await syncTrackedReply(tracked, ports, writing);
      this.#recordWrites(tracked, done, pending);
      if (done.refused) this.#recordReplyRefusal(tracked, done.refused);
      const isMarked = await this.#addFinalReaction(tracked, done, ports, writing);
      return isMarked && !done.refused && !done.isNoticeOpen;
    };
    const accepted: boolean[] = [];
    const faults: unknown[] = [];
    for (const work of [reply, () => this.#updateCheckRuns(tracked, ports.checks, writing)]) {
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
    tracked: TrackedReply,
    done: TrackedSyncResult,
    { thread }: ReplyPorts,
    writing: WriteContext,
  ): Promise<boolean> {
    try {
      await addFinalReaction(tracked, done, thread, writing);
      return true;
    } catch (error) {
      if (!(error instanceof WriteRefusedError)) throw error;
      return false;
    }
  }

  #recordAccepted(tracked: TrackedReply): 'settled' | 'tracked' {
    tracked.refusals = 0;
    if (showsLastLines(tracked)) this.#scheduleNextRefresh(tracked);
    return tracked.pending === undefined && haveAllEnded(tracked) ? 'settled' : 'tracked';
  }

  /** Makes the reply due again at the pace of progress, because a log grows without a change of its job. */
  #scheduleNextRefresh(tracked: TrackedReply): void {
    const now = this.#now();
    tracked.progressDueAt = now + this.#getEditDelay(tracked, now);
    markPending(tracked, { since: tracked.progressDueAt, priority: 'progress' });
  }

  #getEditDelay({ jobs }: TrackedReply, now: number): number {
    return getEditDelay(this.#options.throttle, getElapsed(jobs.values(), this.clockOffset + now));
  }

  /**
   * Handles a refused write. A locked thread, or an archived or missing repository, may be reopened, so writes are retried when a job
   * changes its state, and after the last change with backoff for some days.
   */
  #scheduleRefusedRetry(tracked: TrackedReply, pending: PendingUpdate): 'settled' | 'tracked' {
    tracked.refusals += 1;
    if (!haveAllEnded(tracked)) return 'tracked';
    if (tracked.refusals > maxRefusals) return 'settled';
    markPending(tracked, pending);
    const backoff = { minMilliseconds: initialRefusedDelay, maxMilliseconds: Infinity };
    tracked.dueAt = this.#now() + spreadDelay(exponentialDelay(tracked.refusals, backoff));
    return 'tracked';
  }

  #createWriteContext(tracked: TrackedReply, priority: Priority): WriteContext {
    const { replyLease, budget } = this.#options;
    const { target } = tracked;
    const moment = { now: this.#now(), clockOffset: this.clockOffset };
    return {
      withReplyLease: (work) => replyLease.withReplyLease(toScope(target), target.comment.id, work),
      write: (made) => budget.write(toWriteTarget(target), priority, made),
      confirm: tracked.faults > 0 || hasEndedRecently(tracked.jobs.values(), moment),
      onRefusedNotice: (job, err) => {
        if (tracked.refusals === 0) this.#recordRefusedWrite(tracked, 'notice-refused', err, job);
      },
    };
  }

  async #updateCheckRuns(
    tracked: TrackedReply,
    checks: CheckRuns,
    { write, confirm }: WriteContext,
  ): Promise<boolean> {
    const { written, isRefused } = await updateCheckRuns(tracked, checks, {
      write,
      confirm,
      onRefused: (job, err) => this.#recordRefusedWrite(tracked, 'check-refused', err, job),
    });
    this.#options.metrics.writes.inc({ outcome: 'checked' }, written);
    return !isRefused;
  }

  #recordWrites(
    tracked: TrackedReply,
    { written, noticed }: TrackedSyncResult,
    { since }: PendingUpdate,
  ): void {
    const { metrics } = this.#options;
    if (noticed > 0) metrics.writes.inc({ outcome: 'noticed' }, noticed);
    if (!written) return;
    const now = this.#now();
    metrics.writes.inc({ outcome: written });
    metrics.lagSeconds.observe((now - since) / 1000);
    tracked.progressDueAt = now + this.#getEditDelay(tracked, now);
  }

  /** Handles a fault: delayed writes wait for their turn; other faults are retried with backoff. */
  #scheduleFaultRetry(tracked: TrackedReply, pending: PendingUpdate, err: unknown): 'settled' | 'tracked' {
    const { metrics, log } = this.#options;
    if (err instanceof WriteRefusedError) {
      this.#recordReplyRefusal(tracked, err);
      return this.#scheduleRefusedRetry(tracked, pending);
    }
    markPending(tracked, pending);
    if (err instanceof WriteDelayedError) {
      metrics.writes.inc({ outcome: 'held' });
      return 'tracked';
    }
    metrics.writes.inc({ outcome: 'fault' });
    // GitHub suspends apps that repeat calls that are forbidden or invalid.
    const kind = classifyError(err)?.kind;
    const denied = kind === 'forbidden' || kind === 'invalid';
    if (tracked.faults === 0) {
      if (kind === 'forbidden') this.#recordRefusedWrite(tracked, 'reply-not-permitted', err);
      else log.warn({ err, ...toLogFields(tracked) }, 'could not update a reply: retrying');
    }
    const maxMilliseconds = denied ? maxDeniedRetryDelay : maxRetryDelay;
    const backoff = { minMilliseconds: initialRetryDelay, maxMilliseconds };
    tracked.dueAt = this.#now() + spreadDelay(exponentialDelay(tracked.faults, backoff));
    tracked.faults += 1;
    return 'tracked';
  }

  /** Records a refusal once, as long as it lasts. */
  #recordReplyRefusal(tracked: TrackedReply, err: WriteRefusedError): void {
    this.#options.metrics.writes.inc({ outcome: 'refused' });
    if (tracked.refusals === 0) this.#recordRefusedWrite(tracked, 'reply-refused', err);
  }

  #recordRefusedWrite(tracked: TrackedReply, outcome: FailedWrite, err: unknown, job?: string): void {
    const { audit, log } = this.#options;
    log.warn({ err, ...toLogFields(tracked), outcome }, 'GitHub refused a write');
    auditWriteFailure(audit, tracked, outcome, job);
  }
}

const toLogFields = ({ target }: TrackedReply) => ({
  repository: target.thread.repository.name,
  comment: target.comment.id,
});
