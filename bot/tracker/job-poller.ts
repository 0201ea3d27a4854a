import type { Jobs } from '../../compute/client/index.ts';
import { isLive, JobWatch, type JobLists, type JobPoll } from '../../compute/client/job-watch.ts';
import { jitteredDelay } from '../../runtime/async/backoff.ts';
import type { Logger } from '../../runtime/log.ts';
import type { BotMetrics } from '../metrics.ts';

type JobPollerOptions = {
  jobs: Jobs;
  /** The interval between polls while a job runs, in milliseconds. */
  interval: number;
  /** The interval between polls while nothing happens, in milliseconds; missing: as while no job runs. */
  idleInterval?: number;
  metrics: Pick<BotMetrics, 'jobs'>;
  log: Logger;
  /** The clock, in milliseconds; `performance.now` unless a test brings its own. */
  now?: () => number;
};

/** The factor on the interval while no job runs. A start through this bot wakes the tracker anyway. */
const noJobFactor = 3;
/** The interval between lists of recent jobs, which find jobs that other callers started. */
const recentIntervalMilliseconds = 10_000;

/** How long after a webhook the poller is not idle, in milliseconds: a workflow that answers it needs a while to start its job. */
const activeMilliseconds = 120_000;

/** The maximum interval between polls with all lists: a recent list could have missed a job. */
const allIntervalMilliseconds = 3_600_000;

/** The maximum delay between polls while the orchestrator does not answer. */
const maxRetryMilliseconds = 60_000;

/**
 * Polls the jobs: often while one runs, less often when none does, rarely while nothing happens (with one list, if no job waits for an
 * approval), and with backoff while the orchestrator does not answer.
 */
export class JobPoller {
  readonly #options: JobPollerOptions;
  readonly #watch: JobWatch;
  readonly #now: () => number;
  /** When the next poll is due, the next one that also lists recent jobs, and the next one that lists all also while idle. */
  #dueAt = 0;
  #recentDueAt = 0;
  #allDueAt = 0;
  #faults = 0;
  /** Whether the last poll found jobs that change without a person; true before the first one. */
  #isBusy = true;
  #activeUntil = -Infinity;

  constructor(options: JobPollerOptions) {
    this.#options = options;
    this.#watch = new JobWatch(options.jobs);
    this.#now = options.now ?? (() => performance.now());
  }

  /** When the next poll is due, by this process's clock. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** Makes the next poll due now, with both lists, because a job was started. */
  requestPoll(): void {
    this.#dueAt = 0;
    this.#recentDueAt = 0;
  }

  /** Ends idleness, because a job may be started soon. */
  expectJob(): void {
    const now = this.#now();
    this.#activeUntil = now + activeMilliseconds;
    this.#dueAt = Math.min(this.#dueAt, now + this.#options.interval * noJobFactor);
  }

  /** Polls the jobs. Returns undefined if the orchestrator does not answer, which is logged once. */
  async poll(): Promise<JobPoll | undefined> {
    const began = this.#now();
    const lists = this.#selectLists(began);
    // Set before the poll, so that a `requestPoll` during it is not lost.
    this.#dueAt = Infinity;
    if (lists !== 'live') this.#recentDueAt = began + recentIntervalMilliseconds;
    if (lists === 'all') this.#allDueAt = began + allIntervalMilliseconds;
    try {
      const poll = await this.#watch.poll(lists);
      this.#recordSuccess(began, poll);
      return poll;
    } catch (err) {
      this.#recordFault(err);
      return undefined;
    }
  }

  #selectLists(now: number): JobLists {
    // A requested poll lists all: a job of an earlier leader may be older than the last recent list.
    if (this.#isIdle(now) && this.#recentDueAt > 0 && now < this.#allDueAt) return 'recent';
    return now >= this.#recentDueAt ? 'all' : 'live';
  }

  #isIdle(now: number): boolean {
    return this.#options.idleInterval !== undefined && !this.#isBusy && now >= this.#activeUntil;
  }

  #recordSuccess(began: number, { jobs, busy, awaitsApproval }: JobPoll): void {
    const { interval: pace, idleInterval, metrics, log } = this.#options;
    if (this.#faults > 0) log.info('the orchestrator answers again');
    this.#faults = 0;
    this.#isBusy = busy && !awaitsApproval;
    metrics.jobs.reset();
    for (const { state } of jobs.filter(isLive)) metrics.jobs.inc({ state });
    const pause =
      idleInterval !== undefined && this.#isIdle(began) ? idleInterval : pace * (busy ? 1 : noJobFactor);
    this.#dueAt = Math.min(this.#dueAt, began + pause);
  }

  #recordFault(err: unknown): void {
    const { interval: pace, log } = this.#options;
    if (this.#faults === 0) log.warn({ err }, 'the orchestrator does not answer: retrying');
    this.#recentDueAt = 0;
    const backoff = { minMilliseconds: pace, maxMilliseconds: maxRetryMilliseconds };
    this.#dueAt = Math.min(this.#dueAt, this.#now() + jitteredDelay(this.#faults, backoff));
    this.#faults += 1;
  }
}
