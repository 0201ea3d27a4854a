import { LRUCache } from 'lru-cache';
import type { Job } from '../../compute/client/index.ts';
import { priorities, type WriteBudget } from '../rate-limit/write-budget.ts';
import {
  follow,
  keyOf,
  stale,
  takeIn,
  targetOf,
  writeTargetOf,
  type Followed,
  type Stale,
  type Target,
} from './tracked-reply.ts';

/** Refreshes at a time for one installation: its rate limit must not hold up the others. */
const atOnce = 4;

/** A job that is younger than this, and has no reply, belongs to the webhook that started it: it is about to reply. */
const headStart = 3_000;

/** What ended within this time ended lately. */
const lately = 3_600_000;

/** `now`: `performance.now()`; `clock`: the orchestrator's clock less that. In milliseconds. */
type Moment = { now: number; clock: number };

export type Ours = {
  /** The host in the origin of jobs that are ours. */
  host: string;
  /** Whether a comment, by its id, is known to have a reply. */
  isAnswered: (comment: number) => boolean;
  budget: WriteBudget;
};

/** Whether any of these jobs has ended, and not long ago. */
export const endedLately = (jobs: Iterable<Job>, { now, clock }: Moment): boolean =>
  [...jobs].some(({ endedAt }) => endedAt !== null && Date.parse(endedAt) > clock + now - lately);

type Waiting = Followed & { stale: Stale };

/** The replies that are kept up to date, by the comment that they answer. */
export class FollowedReplies {
  readonly #ours: Ours;
  readonly #replies = new Map<string, Followed>();
  /** Jobs that need no more care: ended and shown, or on a thread that takes no more writes. */
  readonly #settled = new LRUCache<string, true>({ max: 50_000 });

  constructor(ours: Ours) {
    this.#ours = ours;
  }

  get size(): number {
    return this.#replies.size;
  }

  takeIn(jobs: readonly Job[], moment: Moment): void {
    for (const job of jobs) {
      const target = this.#settled.has(job.id) ? undefined : targetOf(job, this.#ours.host);
      if (!target) continue;
      const key = keyOf(target);
      const followed = this.#replies.get(key) ?? follow(target, this.#firstDue(job, target, moment.clock));
      this.#replies.set(key, followed);
      takeIn(followed, job, { now: moment.now, lately: endedLately([job], moment) });
    }
  }

  #firstDue({ createdAt }: Job, { comment }: Target, clock: number): number {
    const created = Date.parse(createdAt);
    const isLate = Number.isNaN(created) || this.#ours.isAnswered(comment.id);
    return isLate ? 0 : created - clock + headStart;
  }

  /** The webhook of a comment, by its id, has done what it can. */
  endHeadStart(comment: number): void {
    for (const followed of this.#replies.values()) {
      const untouched = followed.body === undefined && followed.faults === 0;
      if (followed.target.comment.id === comment && untouched) followed.due = 0;
    }
  }

  /** Those that are to be refreshed now, the most urgent first; they count as busy from here on. */
  take(now: number): Followed[] {
    const busy = new Map<number, number>();
    const busyAt = ({ target }: Followed) => busy.get(target.installation) ?? 0;
    const count = (followed: Followed) => busy.set(followed.target.installation, busyAt(followed) + 1);
    [...this.#replies.values()].filter((followed) => followed.busy).forEach(count);
    const due = this.#waiting().filter((followed) => this.#due(followed, now) <= now);
    const taken = due.toSorted(byUrgency).filter((followed) => busyAt(followed) < atOnce && count(followed));
    for (const followed of taken) followed.busy = true;
    return taken;
  }

  /** When the next one is due after `now`. What `take` left behind is held up by its installation, and needs no waiting for a time. */
  nextDue(now: number): number {
    const dues = this.#waiting().map((followed) => this.#due(followed, now));
    return dues.filter((due) => due > now).reduce((next, due) => Math.min(next, due), Infinity);
  }

  /** Handles jobs that the orchestrator no longer knows; their end cannot be determined. */
  forget(jobs: readonly string[], now: number): void {
    for (const followed of this.#replies.values()) {
      const gone = jobs.filter((id) => followed.jobs.delete(id));
      if (gone.length === 0) continue;
      if (followed.jobs.size === 0) this.#replies.delete(keyOf(followed.target));
      else stale(followed, { since: now, priority: 'news' });
    }
  }

  /** Follows a reply no more. */
  settle(followed: Followed): void {
    for (const id of followed.jobs.keys()) this.#settled.set(id, true);
    this.#replies.delete(keyOf(followed.target));
  }

  #waiting(): Waiting[] {
    return [...this.#replies.values()].filter(
      (followed): followed is Waiting => !followed.busy && followed.stale !== undefined,
    );
  }

  #due({ due, progressDue, stale: { priority }, target }: Waiting, now: number): number {
    const paced = priority === 'progress' ? progressDue : due;
    return Math.max(due, paced, now + this.#ours.budget.waitFor(writeTargetOf(target), priority));
  }
}

/** By priority; of one priority, what waits longest. */
const byUrgency = (a: Waiting, b: Waiting): number =>
  priorities.indexOf(a.stale.priority) - priorities.indexOf(b.stale.priority) ||
  a.stale.since - b.stale.since;
