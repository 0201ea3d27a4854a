import type { CommentId } from '../../contracts/comment-id.ts';
import { LRUCache } from 'lru-cache';
import type { Job } from '../../compute/client/index.ts';
import { priorities, type WriteBudget } from '../rate-limit/write-budget.ts';
import {
  trackReply,
  toReplyKey,
  markPending,
  recordJob,
  toReplyTarget,
  toWriteTarget,
  type TrackedReply,
  type PendingUpdate,
  type ReplyTarget,
} from './tracked-reply.ts';

/** The maximum number of concurrent updates of one installation, so that its rate limit does not block the others. */
const maxConcurrentUpdates = 4;

/** The time in which the webhook that started a job creates the reply itself, in milliseconds. */
const webhookHeadStartMilliseconds = 3_000;

/** A job that ended within this time has ended recently, in milliseconds. */
const recentMilliseconds = 3_600_000;

/** A time in milliseconds. `now`: `performance.now()`; `clockOffset`: the orchestrator's clock minus `now`. */
type ClockReading = { now: number; clockOffset: number };

export type ReplyQueueOptions = {
  /** The host in the origin of this bot's jobs. */
  host: string;
  /** Returns whether a comment, by id, is known to have a reply. */
  isAnswered: (comment: CommentId) => boolean;
  budget: WriteBudget;
};

/** Returns whether any of these jobs has ended recently. */
export const hasEndedRecently = (jobs: Iterable<Job>, { now, clockOffset: clock }: ClockReading): boolean =>
  [...jobs].some(({ endedAt }) => endedAt !== null && Date.parse(endedAt) > clock + now - recentMilliseconds);

type PendingReply = TrackedReply & { pending: PendingUpdate };

/** Holds the tracked replies, by comment, and selects those that are due for an update. */
export class ReplyQueue {
  readonly #options: ReplyQueueOptions;
  readonly #replies = new Map<string, TrackedReply>();
  /** Jobs that need no further updates: they have ended and are shown, or their thread accepts no writes. */
  readonly #settled = new LRUCache<string, true>({ max: 50_000 });

  constructor(options: ReplyQueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#replies.size;
  }

  recordJobs(jobs: readonly Job[], moment: ClockReading): void {
    for (const job of jobs) {
      const target = this.#settled.has(job.id) ? undefined : toReplyTarget(job, this.#options.host);
      if (!target) continue;
      const key = toReplyKey(target);
      const tracked =
        this.#replies.get(key) ?? trackReply(target, this.#getFirstDue(job, target, moment.clockOffset));
      this.#replies.set(key, tracked);
      recordJob(tracked, job, { now: moment.now, isRecent: hasEndedRecently([job], moment) });
    }
  }

  #getFirstDue({ createdAt }: Job, { comment }: ReplyTarget, clock: number): number {
    const created = Date.parse(createdAt);
    const isLate = Number.isNaN(created) || this.#options.isAnswered(comment.id);
    return isLate ? 0 : created - clock + webhookHeadStartMilliseconds;
  }

  /** Makes the reply to a comment, by id, due: its webhook has finished. */
  endHeadStart(comment: CommentId): void {
    for (const tracked of this.#replies.values()) {
      const untouched = tracked.body === undefined && tracked.faults === 0;
      if (tracked.target.comment.id === comment && untouched) tracked.dueAt = 0;
    }
  }

  /** Returns the replies that are due, most urgent first, and marks them as busy. */
  takeDue(now: number): TrackedReply[] {
    const busy = new Map<number, number>();
    const countBusy = ({ target }: TrackedReply) => busy.get(target.installation) ?? 0;
    const count = (tracked: TrackedReply) => busy.set(tracked.target.installation, countBusy(tracked) + 1);
    [...this.#replies.values()].filter((tracked) => tracked.isBusy).forEach(count);
    const due = this.#listPending().filter((tracked) => this.#getDue(tracked, now) <= now);
    const taken = due
      .toSorted(compareUrgency)
      .filter((tracked) => countBusy(tracked) < maxConcurrentUpdates && count(tracked));
    for (const tracked of taken) tracked.isBusy = true;
    return taken;
  }

  /** Returns when the next reply is due after `now`. Replies that `takeDue` left wait for another update of their installation, not for a time. */
  getNextDue(now: number): number {
    const dues = this.#listPending().map((tracked) => this.#getDue(tracked, now));
    return dues.filter((due) => due > now).reduce((next, due) => Math.min(next, due), Infinity);
  }

  /** Removes jobs that the orchestrator no longer knows; their end cannot be determined. */
  forgetJobs(jobs: readonly string[], now: number): void {
    for (const tracked of this.#replies.values()) {
      const gone = jobs.filter((id) => tracked.jobs.delete(id));
      if (gone.length === 0) continue;
      if (tracked.jobs.size === 0) this.#replies.delete(toReplyKey(tracked.target));
      else markPending(tracked, { since: now, priority: 'news' });
    }
  }

  /** Stops tracking a reply and its jobs. */
  settle(tracked: TrackedReply): void {
    for (const id of tracked.jobs.keys()) this.#settled.set(id, true);
    this.#replies.delete(toReplyKey(tracked.target));
  }

  #listPending(): PendingReply[] {
    return [...this.#replies.values()].filter(
      (tracked): tracked is PendingReply => !tracked.isBusy && tracked.pending !== undefined,
    );
  }

  #getDue(
    { dueAt: due, progressDueAt: progressDue, pending: { priority }, target }: PendingReply,
    now: number,
  ): number {
    const paced = priority === 'progress' ? progressDue : due;
    return Math.max(due, paced, now + this.#options.budget.getWait(toWriteTarget(target), priority));
  }
}

/** Compares by priority, then by waiting time. */
const compareUrgency = (a: PendingReply, b: PendingReply): number =>
  priorities.indexOf(a.pending.priority) - priorities.indexOf(b.pending.priority) ||
  a.pending.since - b.pending.since;
