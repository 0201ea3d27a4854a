import { createConcurrencyLimit, type ConcurrencyLimit } from '../../runtime/async/concurrency.ts';
import { resolvesWithin } from '../../runtime/async/timeout.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Registry } from '../../compute/orchestrator/durable.ts';
import { toErrorMessage, toJson } from './session/history-events.ts';
import type { ActivityWork } from './store/store.ts';

/** How an activity ended; `result` is JSON. */
export type ActivityOutcome = { result: string } | { reason: string; details: string };

export type ActivityRunnerOptions = {
  activities: Registry['activities'];
  /** The most at once. */
  limit: number;
  /** Reads an activity's work; undefined if it was purged meanwhile. */
  load: (n: number) => ActivityWork | undefined;
  /** Resolves once the end is committed. */
  record: (work: ActivityWork, end: ActivityOutcome) => Promise<void>;
  log: Logger;
};

/** Runs a limited number of activities at once. An activity whose outcome was not recorded runs again when the host is opened. */
export class ActivityRunner {
  readonly #options: ActivityRunnerOptions;
  readonly #limit: ConcurrencyLimit;
  /** The activities that run or wait. */
  readonly #pending = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: ActivityRunnerOptions) {
    this.#options = options;
    this.#limit = createConcurrencyLimit(options.limit);
  }

  /** Runs activities by their numbers, in this order. */
  dispatch(numbers: readonly number[]): void {
    for (const n of numbers) {
      const run = this.#limit(async () => {
        if (!this.#isClosed) await this.#run(n);
      }).finally(() => this.#pending.delete(run));
      this.#pending.add(run);
    }
  }

  /** Starts no more activities, and waits up to `graceMilliseconds` for those that run. */
  async close(graceMilliseconds: number): Promise<void> {
    this.#isClosed = true;
    await resolvesWithin(graceMilliseconds, Promise.all(this.#pending));
  }

  async #run(n: number): Promise<void> {
    try {
      const work = this.#options.load(n);
      if (work) await this.#options.record(work, await this.#ended(work));
    } catch (error) {
      this.#options.log.error({ err: error }, 'an activity could not be read; it runs at the next open');
    }
  }

  async #ended({ name, input, instance }: ActivityWork): Promise<ActivityOutcome> {
    const { activities, log } = this.#options;
    const reason = `Activity function '${name}' failed`;
    const activity = Object.hasOwn(activities, name) ? activities[name] : undefined;
    if (!activity) return { reason, details: `There is no activity '${name}'` };
    try {
      return { result: toJson(await activity(JSON.parse(input) as never)) };
    } catch (error) {
      log.warn({ err: error, activity: name, instance }, 'an activity failed');
      return { reason, details: toErrorMessage(error) };
    }
  }
}
