import { createConcurrencyLimit, type ConcurrencyLimit } from '../../runtime/async/concurrency.ts';
import { resolvesWithin } from '../../runtime/async/timeout.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Registry } from '../../compute/orchestrator/durable.ts';
import { toErrorMessage, toJson } from './session/history-events.ts';
import type { ActivityWork } from './store/store.ts';

/** The outcome of an activity. `result` is JSON. */
export type ActivityOutcome = { result: string } | { reason: string; details: string };

export type ActivityRunnerOptions = {
  activities: Registry['activities'];
  /** The maximum number of concurrent activities. */
  limit: number;
  /** Loads an activity by its number; undefined if it was purged in the meantime. */
  load: (n: number) => ActivityWork | undefined;
  /** Records an outcome. Resolves when it is committed. */
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
      this.#options.log.error(
        { err: error },
        'could not load an activity; it runs when the host is opened again',
      );
    }
  }

  async #ended({ name, input, instance }: ActivityWork): Promise<ActivityOutcome> {
    const { activities, log } = this.#options;
    const reason = `Activity function '${name}' failed`;
    const activity = Object.hasOwn(activities, name) ? activities[name] : undefined;
    if (!activity) return { reason, details: `The activity '${name}' is not registered` };
    try {
      return { result: toJson(await activity(JSON.parse(input) as never)) };
    } catch (error) {
      log.warn({ err: error, activity: name, instance }, 'activity failed');
      return { reason, details: toErrorMessage(error) };
    }
  }
}
