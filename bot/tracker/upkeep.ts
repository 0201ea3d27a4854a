import type { Audit } from '../../chatops/audit.ts';
import { statusOf } from '../../chatops/github/octokit.ts';
import { WriteRefused, type Checks } from '../../chatops/github/port.ts';
import type { ReplyLease } from '../../chatops/lease/reply-lease.ts';
import { scopeOf } from '../../chatops/scope.ts';
import type { Logger } from '../../runtime/log.ts';
import { WritesHeld, type Priority, type WriteBudget } from '../budget/write-budget.ts';
import type { BotMetrics } from '../metrics.ts';
import { doubled } from '../patience.ts';
import { putChecks } from './check-runs.ts';
import { elapsedOf, pauseAfter, type EditPace } from './edit-pace.ts';
import { endedLately } from './followed-replies.ts';
import { stale, type Followed, type Stale, type Target } from './followed.ts';
import { refresh, type Refreshed, type ReplyPorts, type Writing } from './refresh.ts';
import { recordRefusal, type RefusedWrite } from './refusals.ts';

export type UpkeepOptions = {
  ports: (target: Target) => ReplyPorts;
  /** Shared with the webhooks: one writer at a time on the reply to a comment. */
  replyLease: ReplyLease;
  /** Shared with the webhooks, whose writes count too. */
  budget: WriteBudget;
  pace: EditPace;
  /** Told of writes that never come to be. */
  audit: Audit;
  metrics: BotMetrics;
  log: Logger;
};

/** The first pause after a fault; it doubles each time. What the app may not do is asked for once an hour in the end. */
const faultPause = 1_000;
const longestDenied = 3_600_000;

/** Brings one reply up to date at a time of its turn, and knows what its faults mean for the next turn. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  /** The orchestrator's clock less `performance.now()`. */
  clock = 0;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** `settled`: it needs no more care. Never rejects. */
  async tend(followed: Followed): Promise<'settled' | 'followed'> {
    const turn = followed.stale ?? { since: performance.now(), priority: 'progress' };
    followed.stale = undefined;
    const { ports, budget } = this.#options;
    const given = ports(followed.target);
    const writing = this.#writing(followed, turn.priority);
    try {
      return await budget.call(followed.target.installation, async () => {
        const done = await refresh(followed, given, writing);
        this.#written(followed, done, turn);
        await this.#check(followed, given.checks, writing);
        followed.faults = 0;
        return done.ended && followed.stale === undefined ? 'settled' : 'followed';
      });
    } catch (error) {
      return this.#faulty(followed, turn, error);
    }
  }

  #writing(followed: Followed, priority: Priority): Writing {
    const { replyLease, budget } = this.#options;
    const { target } = followed;
    const moment = { now: performance.now(), clock: this.clock };
    return {
      alone: (work) => replyLease.withReply(scopeOf(target), target.comment.id, work),
      write: (made) => budget.write(target.installation, priority, made),
      confirm: followed.faults > 0 || endedLately(followed.jobs.values(), moment),
      onRefusedNotice: (job, err) => this.#refused(followed, 'notice-refused', err, job),
    };
  }

  async #check(followed: Followed, checks: Checks, { write, confirm }: Writing): Promise<void> {
    const written = await putChecks(followed, checks, {
      write,
      confirm,
      onRefused: (job, err) => this.#refused(followed, 'check-refused', err, job),
    });
    this.#options.metrics.writes.inc({ outcome: 'checked' }, written);
  }

  #written(followed: Followed, { written, noticed }: Refreshed, { since }: Stale): void {
    const { metrics, pace } = this.#options;
    if (noticed > 0) metrics.writes.inc({ outcome: 'noticed' }, noticed);
    if (!written) return;
    const now = performance.now();
    metrics.writes.inc({ outcome: written });
    metrics.lagSeconds.observe((now - since) / 1000);
    followed.progressDue = now + pauseAfter(pace, elapsedOf(followed.jobs.values(), this.clock + now));
  }

  /**
   * A thread that takes no more writes is given up. What has to wait its turn waits; any other fault is tried again, ever more
   * rarely.
   */
  #faulty(followed: Followed, turn: Stale, err: unknown): 'settled' | 'followed' {
    const { metrics, log } = this.#options;
    if (err instanceof WriteRefused) {
      metrics.writes.inc({ outcome: 'refused' });
      this.#refused(followed, 'reply-refused', err);
      return 'settled';
    }
    stale(followed, turn);
    if (err instanceof WritesHeld) {
      metrics.writes.inc({ outcome: 'held' });
      return 'followed';
    }
    metrics.writes.inc({ outcome: 'fault' });
    const denied = statusOf(err) === 403;
    if (followed.faults === 0) {
      if (denied) this.#refused(followed, 'reply-not-permitted', err);
      else
        log.warn({ err, ...whereOf(followed) }, 'a reply could not be brought up to date; it is tried again');
    }
    followed.due =
      performance.now() + doubled(faultPause, followed.faults, denied ? longestDenied : undefined);
    followed.faults += 1;
    return 'followed';
  }

  #refused(followed: Followed, outcome: RefusedWrite, err: unknown, job?: string): void {
    const { audit, log } = this.#options;
    log.warn({ err, ...whereOf(followed), outcome }, 'GitHub does not take a write');
    recordRefusal(audit, followed, outcome, job);
  }
}

const whereOf = ({ target }: Followed) => ({
  repository: target.thread.repository.name,
  comment: target.comment.id,
});
