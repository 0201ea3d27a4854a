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

/** Runs activities, a bounded number at once. One whose end was not recorded runs again at the next open. */
export class ActivityRunner {
  readonly #options: ActivityRunnerOptions;
  readonly #running = new Set<Promise<void>>();
  /** Numbers in the order in which they came; those before `#first` have been taken. */
  #waiting: number[] = [];
  #first = 0;
  #closed = false;

  constructor(options: ActivityRunnerOptions) {
    this.#options = options;
  }

  dispatch(numbers: readonly number[]): void {
    for (const n of numbers) this.#waiting.push(n);
    this.#fill();
  }

  /** Begins no more, and waits for those that run, but not longer than `graceMilliseconds`. */
  async close(graceMilliseconds: number): Promise<void> {
    this.#closed = true;
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMilliseconds);
    });
    await Promise.race([Promise.all(this.#running), grace]);
    clearTimeout(timer);
  }

  #fill(): void {
    while (!this.#closed && this.#running.size < this.#options.limit) {
      const n = this.#waiting[this.#first];
      if (n === undefined) break;
      this.#first += 1;
      const run = this.#run(n).finally(() => {
        this.#running.delete(run);
        this.#fill();
      });
      this.#running.add(run);
    }
    if (this.#first === this.#waiting.length) {
      this.#waiting = [];
      this.#first = 0;
    }
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
