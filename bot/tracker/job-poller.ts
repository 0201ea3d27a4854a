import type { Jobs } from '../../compute/client/index.ts';
import { isLive, JobWatch, type JobPoll } from '../../compute/client/job-watch.ts';
import type { Logger } from '../../runtime/log.ts';
import type { BotMetrics } from '../metrics.ts';
import { exponentialDelay } from '../timeout.ts';

export type JobPollerOptions = {
  jobs: Jobs;
  /** Between two looks while a job runs, in milliseconds. */
  interval: number;
  metrics: BotMetrics;
  log: Logger;
  /** The clock, in milliseconds; `performance.now` unless a test brings its own. */
  now?: () => number;
};

/** When nothing runs, looks are rarer by this: a start through this very bot wakes the tracker anyhow. */
const idleFactor = 3;
/** Between two lists of recent jobs, which find those that somebody else started. */
const recentIntervalMilliseconds = 10_000;

/** When to look at the jobs: often while one runs, seldom when none does, ever more seldom while nobody answers. */
export class JobPoller {
  readonly #options: JobPollerOptions;
  readonly #watch: JobWatch;
  readonly #now: () => number;
  /** When the next look is due, and the next that lists recent jobs too. */
  #dueAt = 0;
  #recentDueAt = 0;
  #faults = 0;

  constructor(options: JobPollerOptions) {
    this.#options = options;
    this.#watch = new JobWatch(options.jobs);
    this.#now = options.now ?? (() => performance.now());
  }

  /** By the orchestrator's clock. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** A job was started: the next look is due now. */
  requestPoll(): void {
    this.#dueAt = 0;
    this.#recentDueAt = 0;
  }

  /** Undefined if the orchestrator does not answer, which is told once. */
  async poll(): Promise<JobPoll | undefined> {
    const began = this.#now();
    const recent = began >= this.#recentDueAt;
    // Set before the look: a `hurry` during it must not be lost.
    this.#dueAt = Infinity;
    if (recent) this.#recentDueAt = began + recentIntervalMilliseconds;
    try {
      const look = await this.#watch.poll(recent);
      this.#recordSuccess(began, look);
      return look;
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
    if (this.#faults === 0) log.warn({ err }, 'the orchestrator does not answer; the tracker keeps trying');
    this.#recentDueAt = 0;
    metrics.orchestratorUp.set(0);
    this.#dueAt = Math.min(this.#dueAt, this.#now() + exponentialDelay(pace, this.#faults));
    this.#faults += 1;
  }
}
