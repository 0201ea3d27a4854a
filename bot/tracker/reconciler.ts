import type { Jobs } from '../../compute/client/index.ts';
import type { Leader } from '../leader-election.ts';
import { editPace } from './edit-throttle.ts';
import type { Followed } from './tracked-reply.ts';
import { FollowedReplies, type Ours } from './reply-queue.ts';
import { Lookout } from './job-poller.ts';
import { Upkeep, type UpkeepOptions } from './reply-updater.ts';

export type ReconcilerOptions = Omit<UpkeepOptions, 'pace'> &
  Ours & {
    jobs: Jobs;
    /** Only the leader follows jobs; a new leader wakes its tracker. */
    leader: Pick<Leader, 'isLeading'>;
    /**
     * Intervals in milliseconds. `look`: between polls of running jobs. `edit`: between edits of the reply of a long-running job, 30 s
     * on github.com; the first edits are proportionally faster (after 2, 5, 10, 20 s).
     */
    pace: { look: number; edit: number };
  };

/**
 * Reconciles replies, notices, last reactions and check runs with the current states of the jobs, in rounds. It reads states, never
 * transitions, so earlier observations do not matter: its own state is only a cache.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #lookout: Lookout;
  readonly #replies: FollowedReplies;
  readonly #upkeep: Upkeep;
  readonly #refreshes = new Set<Promise<void>>();
  readonly #now: () => number;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#lookout = new Lookout({ ...options, pace: options.pace.look });
    this.#replies = new FollowedReplies(options);
    this.#upkeep = new Upkeep({ ...options, pace: editPace(options.pace.edit) });
    this.#now = options.now ?? (() => performance.now());
  }

  /** Makes the next round poll the jobs, regardless of the last poll. */
  hurry(): void {
    this.#lookout.hurry();
  }

  /** Records that the webhook of a comment, by id, has finished: from now on, this reconciler updates the reply. */
  answered(comment: number): void {
    this.#replies.endHeadStart(comment);
  }

  /**
   * Polls the jobs if that is due, and starts to refresh the replies that are due.
   * @param onRefreshed called after each refresh, because another reply may then be due
   * @returns the time until the next round, in milliseconds
   */
  async round(onRefreshed: () => void = () => {}): Promise<number> {
    const { leader, metrics } = this.#options;
    if (!leader.isLeading) return this.#rest();
    if (this.#now() >= this.#lookout.due) await this.#look();
    const now = this.#now();
    for (const followed of leader.isLeading ? this.#replies.take(now) : [])
      this.#start(followed, onRefreshed);
    metrics.followed.set(this.#replies.size);
    return Math.min(this.#lookout.due, this.#replies.nextDue(now)) - now;
  }

  /** Resolves when the current refreshes are done. */
  async idle(): Promise<void> {
    await Promise.all(this.#refreshes);
  }

  /** Another replica leads, and reports the counts. */
  #rest(): number {
    this.#options.metrics.jobs.reset();
    this.#options.metrics.followed.set(0);
    return Infinity;
  }

  async #look(): Promise<void> {
    const look = await this.#lookout.look();
    if (!look) return;
    const now = this.#now();
    this.#upkeep.clock = look.now - now;
    this.#replies.takeIn(look.jobs, { now, clock: this.#upkeep.clock });
    if (look.gone.length === 0) return;
    this.#options.log.warn(
      { jobs: look.gone },
      'the orchestrator no longer knows some jobs: their replies stay as they are',
    );
    this.#replies.forget(look.gone, now);
  }

  #start(followed: Followed, onRefreshed: () => void): void {
    const done = this.#refresh(followed).finally(() => {
      this.#refreshes.delete(done);
      onRefreshed();
    });
    this.#refreshes.add(done);
  }

  async #refresh(followed: Followed): Promise<void> {
    const outcome = await this.#upkeep.tend(followed);
    followed.busy = false;
    if (outcome === 'settled') this.#replies.settle(followed);
  }
}
