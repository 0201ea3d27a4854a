import type { Jobs } from '../../compute/client/index.ts';
import type { Leader } from '../lease/leader.ts';
import { Loop } from '../loop.ts';
import { editPace } from './edit-pace.ts';
import type { Followed } from './followed.ts';
import { FollowedReplies, type Ours } from './followed-replies.ts';
import { Lookout } from './lookout.ts';
import { Upkeep, type UpkeepOptions } from './upkeep.ts';

export type TrackerOptions = Omit<UpkeepOptions, 'pace'> &
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

/** Keeps the replies of all threads up to date. It has no state of its own: what it holds are caches. */
export class Tracker {
  readonly #options: TrackerOptions;
  readonly #lookout: Lookout;
  readonly #replies: FollowedReplies;
  readonly #upkeep: Upkeep;
  readonly #loop = new Loop(() => this.#round());
  readonly #refreshes = new Set<Promise<void>>();

  constructor(options: TrackerOptions) {
    this.#options = options;
    this.#lookout = new Lookout({ ...options, pace: options.pace.look });
    this.#replies = new FollowedReplies(options);
    this.#upkeep = new Upkeep({ ...options, pace: editPace(options.pace.edit) });
  }

  /** It leads now, or a job was started: it looks at once. */
  wake(): void {
    this.#lookout.hurry();
    this.#loop.wake();
  }

  /** A comment's webhook has replied, or given up: its reply is the tracker's from here on. */
  answered(comment: number): void {
    this.#replies.endHeadStart(comment);
    this.#loop.wake();
  }

  /** No further round; resolves when the writes under way are done. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await Promise.all(this.#refreshes);
  }

  async #round(): Promise<number> {
    const { leader, metrics } = this.#options;
    if (!leader.isLeading) return this.#idle();
    if (performance.now() >= this.#lookout.due) await this.#look();
    const now = performance.now();
    for (const followed of leader.isLeading ? this.#replies.take(now) : []) this.#start(followed);
    metrics.followed.set(this.#replies.size);
    return Math.min(this.#lookout.due, this.#replies.nextDue(now)) - now;
  }

  /** Somebody else leads, and is the one to count. */
  #idle(): number {
    this.#options.metrics.jobs.reset();
    this.#options.metrics.followed.set(0);
    return Infinity;
  }

  async #look(): Promise<void> {
    const look = await this.#lookout.look();
    if (!look) return;
    const now = performance.now();
    this.#upkeep.clock = look.now - now;
    this.#replies.takeIn(look.jobs, { now, clock: this.#upkeep.clock });
  }

  #start(followed: Followed): void {
    const done = this.#refresh(followed).finally(() => {
      this.#refreshes.delete(done);
      this.#loop.wake();
    });
    this.#refreshes.add(done);
  }

  async #refresh(followed: Followed): Promise<void> {
    const outcome = await this.#upkeep.tend(followed);
    followed.busy = false;
    if (outcome === 'settled') this.#replies.settle(followed);
  }
}
