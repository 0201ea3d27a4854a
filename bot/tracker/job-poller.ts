import type { Jobs } from '../../compute/client/index.ts';
import { isLive, JobWatch, type Look } from '../../compute/client/job-watch.ts';
import type { Logger } from '../../runtime/log.ts';
import type { BotMetrics } from '../metrics.ts';
import { doubled } from '../timeout.ts';

export type LookoutOptions = {
  jobs: Jobs;
  /** Between two looks while a job runs, in milliseconds. */
  pace: number;
  metrics: BotMetrics;
  log: Logger;
  /** The clock, in milliseconds; `performance.now` unless a test brings its own. */
  now?: () => number;
};

/** When nothing runs, looks are rarer by this: a start through this very bot wakes the tracker anyhow. */
const idleFactor = 3;
/** Between two lists of recent jobs, which find those that somebody else started. */
const recentEvery = 10_000;

/** When to look at the jobs: often while one runs, seldom when none does, ever more seldom while nobody answers. */
export class Lookout {
  readonly #options: LookoutOptions;
  readonly #watch: JobWatch;
  readonly #now: () => number;
  /** When the next look is due, and the next that lists recent jobs too. */
  #due = 0;
  #recentDue = 0;
  #faults = 0;

  constructor(options: LookoutOptions) {
    this.#options = options;
    this.#watch = new JobWatch(options.jobs);
    this.#now = options.now ?? (() => performance.now());
  }

  /** By the orchestrator's clock. */
  get due(): number {
    return this.#due;
  }

  /** A job was started: the next look is due now. */
  hurry(): void {
    this.#due = 0;
    this.#recentDue = 0;
  }

  /** Undefined if the orchestrator does not answer, which is told once. */
  async look(): Promise<Look | undefined> {
    const began = this.#now();
    const recent = began >= this.#recentDue;
    // Set before the look: a `hurry` during it must not be lost.
    this.#due = Infinity;
    if (recent) this.#recentDue = began + recentEvery;
    try {
      const look = await this.#watch.look(recent);
      this.#answered(began, look);
      return look;
    } catch (err) {
      this.#silent(err);
      return undefined;
    }
  }

  #answered(began: number, { jobs, busy }: Look): void {
    const { pace, metrics, log } = this.#options;
    if (this.#faults > 0) log.info('the orchestrator answers again');
    this.#faults = 0;
    metrics.orchestratorUp.set(1);
    metrics.jobs.reset();
    for (const { state } of jobs.filter(isLive)) metrics.jobs.inc({ state });
    this.#due = Math.min(this.#due, began + pace * (busy ? 1 : idleFactor));
  }

  #silent(err: unknown): void {
    const { pace, metrics, log } = this.#options;
    if (this.#faults === 0) log.warn({ err }, 'the orchestrator does not answer; the tracker keeps trying');
    this.#recentDue = 0;
    metrics.orchestratorUp.set(0);
    this.#due = Math.min(this.#due, this.#now() + doubled(pace, this.#faults));
    this.#faults += 1;
  }
}
