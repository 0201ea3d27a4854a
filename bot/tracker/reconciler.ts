import type { Jobs } from '../../compute/client/index.ts';
import type { Leader } from '../lease/leader.ts';
import { editPace } from './edit-pace.ts';
import type { Followed } from './followed.ts';
import { FollowedReplies, type Ours } from './followed-replies.ts';
import { Lookout } from './lookout.ts';
import { Upkeep, type UpkeepOptions } from './upkeep.ts';

export type ReconcilerOptions = Omit<UpkeepOptions, 'pace'> &
  Ours & {
    jobs: Jobs;
    /** Only who leads follows jobs; who begins to lead wakes its tracker. */
    leader: Pick<Leader, 'isLeading'>;
    /**
     * In milliseconds. `look`: between two looks at jobs that run. `edit`: between two edits of a reply whose job has run for a
     * while, 30 s on github.com; the first ones are faster in proportion (after 2, 5, 10, 20 s).
     */
    pace: { look: number; edit: number };
  };

/**
 * Reconciles what GitHub shows with the jobs as they are: reply, notice, last reaction and check run, a round at a time. It reads
 * states, never transitions, so that it does not matter what it has seen before: what it holds are caches.
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

  /** The next round looks at the jobs, however long ago that was done. */
  hurry(): void {
    this.#lookout.hurry();
  }

  /** The webhook of a comment, by its id, has done what it can: its reply is ours from here on. */
  answered(comment: number): void {
    this.#replies.endHeadStart(comment);
  }

  /**
   * Looks at the jobs if that is due, and begins to refresh the replies that are due.
   * @param onRefreshed called after each of these, for another may be due then
   * @returns in how many milliseconds the next round is due
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

  /** Resolves when the refreshes under way are done. */
  async idle(): Promise<void> {
    await Promise.all(this.#refreshes);
  }

  /** Somebody else leads, and is the one to count. */
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
