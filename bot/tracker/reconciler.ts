import type { CommentId } from '../../contracts/comment-id.ts';
import type { Jobs } from '../../compute/client/index.ts';
import type { LeaderElection } from '../leader-election.ts';
import { createEditThrottle } from './edit-throttle.ts';
import type { TrackedReply } from './tracked-reply.ts';
import { ReplyQueue, type ReplyQueueOptions } from './reply-queue.ts';
import { JobPoller } from './job-poller.ts';
import { readLastLines } from './last-lines.ts';
import { ReplyUpdater, type ReplyUpdaterOptions } from './reply-updater.ts';

export type ReconcilerOptions = Omit<ReplyUpdaterOptions, 'throttle'> &
  ReplyQueueOptions & {
    jobs: Jobs;
    /** Only the leader tracks jobs; a new leader wakes its tracker. */
    leader: Pick<LeaderElection, 'isLeading'>;
    /**
     * Intervals in milliseconds. `poll`: between polls of running jobs. `edit`: between edits of the reply of a long-running job, 30 s
     * on github.com; the first edits are proportionally faster (after 2, 5, 10, 20 s). `idle`: between polls while nothing happens;
     * missing: as while no job runs.
     */
    intervals: { poll: number; edit: number; idle?: number };
  };

/**
 * Reconciles replies, notices, last reactions and check runs with the current states of the jobs, in rounds. It reads states, never
 * transitions, so earlier observations do not matter: its own state is only a cache.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #poller: JobPoller;
  readonly #replies: ReplyQueue;
  readonly #updater: ReplyUpdater;
  readonly #updates = new Set<Promise<void>>();
  readonly #now: () => number;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    const { poll, idle } = options.intervals;
    this.#poller = new JobPoller({
      ...options,
      interval: poll,
      ...(idle === undefined ? {} : { idleInterval: idle }),
    });
    this.#replies = new ReplyQueue(options);
    this.#updater = new ReplyUpdater({ ...options, throttle: createEditThrottle(options.intervals.edit) });
    this.#now = options.now ?? (() => performance.now());
  }

  /** Makes the next round poll the jobs, regardless of the last poll. */
  requestPoll(): void {
    this.#poller.requestPoll();
  }

  /** Ends idleness: a job may be started soon. */
  expectJob(): void {
    this.#poller.expectJob();
  }

  /** Records that the webhook of a comment, by id, has finished: from now on, this reconciler updates the reply. */
  endHeadStart(comment: CommentId): void {
    this.#replies.endHeadStart(comment);
  }

  /**
   * Polls the jobs if that is due, and starts to update the replies that are due.
   * @param onUpdated called after each update, because another reply may then be due
   * @returns the time until the next round, in milliseconds
   */
  async runRound(onUpdated: () => void = () => {}): Promise<number> {
    const { leader, metrics } = this.#options;
    if (!leader.isLeading) return this.#resetMetrics();
    if (this.#now() >= this.#poller.dueAt) await this.#poll();
    const now = this.#now();
    for (const tracked of leader.isLeading ? this.#replies.takeDue(now) : [])
      this.#startUpdate(tracked, onUpdated);
    metrics.followed.set(this.#replies.size);
    return Math.min(this.#poller.dueAt, this.#replies.getNextDue(now)) - now;
  }

  /** Resolves when the current updates are done. */
  async waitUntilIdle(): Promise<void> {
    await Promise.all(this.#updates);
  }

  /** Another replica leads, and reports the counts. */
  #resetMetrics(): number {
    this.#options.metrics.jobs.reset();
    this.#options.metrics.followed.set(0);
    return Infinity;
  }

  async #poll(): Promise<void> {
    const poll = await this.#poller.poll();
    if (!poll) return;
    const now = this.#now();
    this.#updater.clockOffset = poll.now - now;
    this.#replies.recordJobs(poll.jobs, { now, clockOffset: this.#updater.clockOffset });
    if (poll.gone.length === 0) return;
    this.#options.log.warn(
      { jobs: poll.gone },
      'the orchestrator no longer knows some jobs: their replies stay as they are',
    );
    this.#replies.forgetJobs(poll.gone, now);
  }

  #startUpdate(tracked: TrackedReply, onUpdated: () => void): void {
    const done = this.#update(tracked).finally(() => {
      this.#updates.delete(done);
      onUpdated();
    });
    this.#updates.add(done);
  }

  async #update(tracked: TrackedReply): Promise<void> {
    await readLastLines(tracked, this.#options.jobs);
    const outcome = await this.#updater.update(tracked);
    tracked.isBusy = false;
    if (outcome === 'settled') this.#replies.settle(tracked);
  }
}
