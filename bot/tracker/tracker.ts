import { WriteRefused } from '../../chatops/github/port.ts';
import type { Jobs } from '../../compute/client/index.ts';
import type { Logger } from '../../runtime/log.ts';
import { Loop } from '../loop.ts';
import type { BotMetrics } from '../metrics.ts';
import { doubled } from '../patience.ts';
import type { KeyedQueue } from '../queue.ts';
import type { Followed, Target } from './followed.ts';
import { FollowedReplies } from './followed-replies.ts';
import { Lookout } from './lookout.ts';
import { refresh, type ReplyPorts } from './refresh.ts';

export type TrackerOptions = {
  /** The host in the origin of jobs that are ours. */
  host: string;
  jobs: Jobs;
  ports: (target: Target) => ReplyPorts;
  /** Whether a comment, by its id, is known to have a reply. */
  isAnswered: (comment: number) => boolean;
  /** Shared with the webhooks: one writer at a time on the reply to a comment. */
  queue: KeyedQueue;
  /** Between two looks at jobs that run, and between two edits of a reply, in milliseconds. */
  pace: { look: number; edit: number };
  metrics: BotMetrics;
  log: Logger;
};

/** The last reaction to what ended within this time is given again after a restart. */
const confirmedFor = 3_600_000;

/** Keeps the replies of all threads up to date. It has no state of its own: what it holds are caches. */
export class Tracker {
  readonly #options: TrackerOptions;
  readonly #lookout: Lookout;
  readonly #replies: FollowedReplies;
  readonly #loop = new Loop(() => this.#round());
  readonly #refreshes = new Set<Promise<void>>();
  /** The orchestrator's clock less `performance.now()`. */
  #clock = 0;

  constructor(options: TrackerOptions) {
    this.#options = options;
    this.#lookout = new Lookout({ ...options, pace: options.pace.look });
    this.#replies = new FollowedReplies(options);
  }

  /** Starts it, or has it look at once, for a job was started. */
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
    if (performance.now() >= this.#lookout.due) await this.#look();
    const now = performance.now();
    for (const followed of this.#replies.take(now)) this.#start(followed);
    this.#options.metrics.followed.set(this.#replies.size);
    return Math.min(this.#lookout.due, this.#replies.nextDue(now)) - now;
  }

  async #look(): Promise<void> {
    const look = await this.#lookout.look();
    if (!look) return;
    const now = performance.now();
    this.#clock = look.now - now;
    this.#replies.takeIn(look.jobs, { now, clock: this.#clock });
  }

  #start(followed: Followed): void {
    const done = this.#refresh(followed).finally(() => {
      this.#refreshes.delete(done);
      this.#loop.wake();
    });
    this.#refreshes.add(done);
  }

  async #refresh(followed: Followed): Promise<void> {
    const { queue, ports, pace, metrics } = this.#options;
    const { target, staleSince = 0 } = followed;
    try {
      const confirm = followed.faults > 0 || this.#endedLately(followed);
      followed.staleSince = undefined;
      const { written, ended } = await queue.run(target.comment.id, () =>
        refresh(followed, ports(target), confirm),
      );
      const now = performance.now();
      if (written) {
        metrics.writes.inc({ outcome: written });
        metrics.lagSeconds.observe((now - staleSince) / 1000);
        followed.due = now + pace.edit;
      }
      followed.faults = 0;
      if (ended && followed.staleSince === undefined) this.#replies.settle(followed);
    } catch (error) {
      this.#faulty(followed, staleSince, error);
    } finally {
      followed.busy = false;
    }
  }

  /** A thread that takes no more writes is given up; any other fault is tried again, ever more rarely. */
  #faulty(followed: Followed, staleSince: number, err: unknown): void {
    const { pace, metrics, log } = this.#options;
    const where = {
      err,
      repository: followed.target.thread.repository.name,
      comment: followed.target.comment.id,
    };
    if (err instanceof WriteRefused) {
      metrics.writes.inc({ outcome: 'refused' });
      log.warn(where, 'a thread takes no more writes; its reply is left as it is');
      this.#replies.settle(followed);
      return;
    }
    metrics.writes.inc({ outcome: 'fault' });
    if (followed.faults === 0) log.warn(where, 'a reply could not be brought up to date; it is tried again');
    followed.staleSince = staleSince;
    followed.due = performance.now() + doubled(Math.max(pace.edit, 1_000), followed.faults);
    followed.faults += 1;
  }

  #endedLately({ jobs }: Followed): boolean {
    const since = this.#clock + performance.now() - confirmedFor;
    return [...jobs.values()].some(({ endedAt }) => endedAt !== null && Date.parse(endedAt) > since);
  }
}
