import type { Audit } from '../../chatops/audit.ts';
import { kindOfFault } from '../../chatops/github/classify-error.ts';
import { WriteRefused, type Checks } from '../../chatops/github/ports.ts';
import type { ReplyLease } from '../../chatops/lease/reply-lease.ts';
import { scopeOf } from '../../chatops/scope.ts';
import type { Logger } from '../../runtime/log.ts';
import { WritesHeld, type Priority, type WriteBudget } from '../rate-limit/write-budget.ts';
import type { BotMetrics } from '../metrics.ts';
import { doubled } from '../timeout.ts';
import { putChecks } from './check-runs.ts';
import { elapsedOf, pauseAfter, type EditPace } from './edit-throttle.ts';
import { endedLately } from './reply-queue.ts';
import {
  haveAllEnded,
  stale,
  writeTargetOf,
  type Followed,
  type Stale,
  type Target,
} from './tracked-reply.ts';
import { mark, refresh, type Refreshed, type ReplyPorts, type Writing } from './sync-tracked-reply.ts';
import { recordRefusal, type RefusedWrite } from './audit-write-failure.ts';

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
  /** The clock, in milliseconds; `performance.now` unless a test brings its own. */
  now?: () => number;
};

/** The first pause after a fault; it doubles each time. What the app may not do is asked for once an hour in the end. */
const faultPause = 1_000;
const longestDenied = 3_600_000;

/** The initial delay after all jobs have ended and the thread accepts no writes. It doubles each time; the last retry is after six days. */
const refusedPause = 60_000;
const mostRefusals = 13;

/** Brings one reply up to date at a time of its turn, and knows what its faults mean for the next turn. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #now: () => number;
  /** The orchestrator's clock minus ours. */
  clock = 0;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** `settled`: it needs no more care. Never rejects. */
  async tend(followed: Followed): Promise<'settled' | 'followed'> {
    const turn = followed.stale ?? { since: this.#now(), priority: 'progress' };
    followed.stale = undefined;
    try {
      const isTaken = await this.#bring(followed, turn);
      followed.faults = 0;
      return isTaken ? this.#taken(followed) : this.#refusedTurn(followed, turn);
    } catch (error) {
      return this.#faulty(followed, turn, error);
    }
  }

  /**
   * Updates reply, reaction and check runs independently: a failure of one does not block the others, except that the last reaction
   * requires that the reply shows the end.
   * @returns whether GitHub accepted all of them, so that nothing must be retried
   * @throws the first fault, after all were tried
   */
  async #bring(followed: Followed, turn: Stale): Promise<boolean> {
    const { installation, thread } = followed.target;
    const ports = this.#options.ports(followed.target);
    const writing = this.#writing(followed, turn.priority);
    const call = <T>(made: () => Promise<T>): Promise<T> => this.#options.budget.call(installation, made);
    // If this is refused, the name now refers to another repository, and nothing must be written there.
    await call(() => ports.visibility.isPublic(thread.repository));
    const reply = async (): Promise<boolean> => {
      const done = await refresh(followed, ports, writing);
      this.#written(followed, done, turn);
      if (done.refused) this.#replyRefused(followed, done.refused);
      const isMarked = await this.#mark(followed, done, ports, writing);
      return isMarked && !done.refused && !done.isNoticeOpen;
    };
    const taken: boolean[] = [];
    const faults: unknown[] = [];
    for (const work of [reply, () => this.#check(followed, ports.checks, writing)]) {
      await call(work).then(
        (isTaken) => taken.push(isTaken),
        (fault: unknown) => faults.push(fault),
      );
    }
    if (faults.length > 0) throw faults[0];
    return taken.every(Boolean);
  }

  /** @returns whether GitHub accepted the reaction, if one is due */
  async #mark(
    followed: Followed,
    done: Refreshed,
    { thread }: ReplyPorts,
    writing: Writing,
  ): Promise<boolean> {
    try {
      await mark(followed, done, thread, writing);
      return true;
    } catch (error) {
      if (!(error instanceof WriteRefused)) throw error;
      return false;
    }
  }

  #taken(followed: Followed): 'settled' | 'followed' {
    followed.refusals = 0;
    return followed.stale === undefined && haveAllEnded(followed) ? 'settled' : 'followed';
  }

  /**
   * Handles a refused write. A locked thread, or an archived or missing repository, may be reopened, so writes are retried when a job
   * changes its state, and after the last change with backoff for some days.
   */
  #refusedTurn(followed: Followed, turn: Stale): 'settled' | 'followed' {
    followed.refusals += 1;
    if (!haveAllEnded(followed)) return 'followed';
    if (followed.refusals > mostRefusals) return 'settled';
    stale(followed, turn);
    followed.due = this.#now() + doubled(refusedPause, followed.refusals, Infinity);
    return 'followed';
  }

  #writing(followed: Followed, priority: Priority): Writing {
    const { replyLease, budget } = this.#options;
    const { target } = followed;
    const moment = { now: this.#now(), clock: this.clock };
    return {
      alone: (work) => replyLease.withReply(scopeOf(target), target.comment.id, work),
      write: (made) => budget.write(writeTargetOf(target), priority, made),
      confirm: followed.faults > 0 || endedLately(followed.jobs.values(), moment),
      onRefusedNotice: (job, err) => {
        if (followed.refusals === 0) this.#refused(followed, 'notice-refused', err, job);
      },
    };
  }

  async #check(followed: Followed, checks: Checks, { write, confirm }: Writing): Promise<boolean> {
    const { written, isRefused } = await putChecks(followed, checks, {
      write,
      confirm,
      onRefused: (job, err) => this.#refused(followed, 'check-refused', err, job),
    });
    this.#options.metrics.writes.inc({ outcome: 'checked' }, written);
    return !isRefused;
  }

  #written(followed: Followed, { written, noticed }: Refreshed, { since }: Stale): void {
    const { metrics, pace } = this.#options;
    if (noticed > 0) metrics.writes.inc({ outcome: 'noticed' }, noticed);
    if (!written) return;
    const now = this.#now();
    metrics.writes.inc({ outcome: written });
    metrics.lagSeconds.observe((now - since) / 1000);
    followed.progressDue = now + pauseAfter(pace, elapsedOf(followed.jobs.values(), this.clock + now));
  }

  /** Handles a fault: delayed writes wait for their turn; other faults are retried with backoff. */
  #faulty(followed: Followed, turn: Stale, err: unknown): 'settled' | 'followed' {
    const { metrics, log } = this.#options;
    if (err instanceof WriteRefused) {
      this.#replyRefused(followed, err);
      return this.#refusedTurn(followed, turn);
    }
    stale(followed, turn);
    if (err instanceof WritesHeld) {
      metrics.writes.inc({ outcome: 'held' });
      return 'followed';
    }
    metrics.writes.inc({ outcome: 'fault' });
    // GitHub suspends apps that repeat calls that are forbidden or invalid.
    const kind = kindOfFault(err)?.kind;
    const denied = kind === 'forbidden' || kind === 'invalid';
    if (followed.faults === 0) {
      if (kind === 'forbidden') this.#refused(followed, 'reply-not-permitted', err);
      else
        log.warn({ err, ...whereOf(followed) }, 'a reply could not be brought up to date; it is tried again');
    }
    followed.due = this.#now() + doubled(faultPause, followed.faults, denied ? longestDenied : undefined);
    followed.faults += 1;
    return 'followed';
  }

  /** Records a refusal once, as long as it lasts. */
  #replyRefused(followed: Followed, err: WriteRefused): void {
    this.#options.metrics.writes.inc({ outcome: 'refused' });
    if (followed.refusals === 0) this.#refused(followed, 'reply-refused', err);
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
