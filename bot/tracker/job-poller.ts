import type { Jobs } from '../../compute/client/index.ts';
import { isLive, JobWatch, type JobPoll } from '../../compute/client/job-watch.ts';
import { jitteredDelay } from '../../runtime/async/backoff.ts';
import type { Logger } from '../../runtime/log.ts';
import type { BotMetrics } from '../metrics.ts';

type JobPollerOptions = {
  jobs: Jobs;
  /** The interval between polls while a job runs, in milliseconds. */
  interval: number;
  metrics: BotMetrics;
  log: Logger;
  /** The clock, in milliseconds; `performance.now` unless a test brings its own. */
  now?: () => number;
};

/** The factor on the interval while no job runs. A start through this bot wakes the tracker anyway. */
const idleFactor = 3;
/** The interval between lists of recent jobs, which find jobs that other callers started. */
const recentIntervalMilliseconds = 10_000;

/** The maximum delay between polls while the orchestrator does not answer. */
const maxRetryMilliseconds = 60_000;

/** Polls the jobs: often while one runs, less often when none does, and with backoff while the orchestrator does not answer. */
export class JobPoller {
  readonly #options: JobPollerOptions;
  readonly #watch: JobWatch;
  readonly #now: () => number;
  /** When the next poll is due, and the next poll that also lists recent jobs. */
  #dueAt = 0;
  #recentDueAt = 0;
  #faults = 0;

  constructor(options: JobPollerOptions) {
    this.#options = options;
    this.#watch = new JobWatch(options.jobs);
    this.#now = options.now ?? (() => performance.now());
  }

  /** When the next poll is due, by this process's clock. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** Makes the next poll due now, because a job was started. */
  requestPoll(): void {
    this.#dueAt = 0;
    this.#recentDueAt = 0;
  }

  /** Polls the jobs. Returns undefined if the orchestrator does not answer, which is logged once. */
  async poll(): Promise<JobPoll | undefined> {
    const began = this.#now();
    const recent = began >= this.#recentDueAt;
    // Set before the poll, so that a `requestPoll` during it is not lost.
    this.#dueAt = Infinity;
    if (recent) this.#recentDueAt = began + recentIntervalMilliseconds;
    try {
      const poll = await this.#watch.poll(recent);
      this.#recordSuccess(began, poll);
      return poll;
    } catch (err) {
      this.#recordFault(err);
      return undefined;
    }
  }

  #recordSuccess(began: number, { jobs, busy }: JobPoll): void {
    const { interval: pace, metrics, log } = this.#options;
    if (this.#faults > 0) log.info('the orchestrator answers again');
    this.#faults = 0;
    metrics.orchestratorUp.set(1);
    metrics.jobs.reset();
    for (const { state } of jobs.filter(isLive)) metrics.jobs.inc({ state });
    this.#dueAt = Math.min(this.#dueAt, began + pace * (busy ? 1 : idleFactor));
  }

  #recordFault(err: unknown): void {
    const { interval: pace, metrics, log } = this.#options;
    if (this.#faults === 0) log.warn({ err }, 'the orchestrator does not answer: retrying');
    this.#recentDueAt = 0;
    metrics.orchestratorUp.set(0);
    const backoff = { minMilliseconds: pace, maxMilliseconds: maxRetryMilliseconds };
    this.#dueAt = Math.min(this.#dueAt, this.#now() + jitteredDelay(this.#faults, backoff));
    this.#faults += 1;
  }
}
