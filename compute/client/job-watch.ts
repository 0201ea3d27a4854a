import type { Job, JobFilter, JobPage, Jobs, JobState } from './index.ts';

const liveStates = ['queued', 'waiting', 'running'] as const satisfies readonly JobState[];
export const isLive = ({ state }: Job): boolean => liveStates.some((live) => live === state);

/** What one look at the orchestrator brought. */
export type JobPoll = {
  /** The orchestrator's clock, in milliseconds since 1970. */
  now: number;
  /** Every job there may be news of. */
  jobs: Job[];
  /** Whether any job has not ended. */
  busy: boolean;
  /** The ids of jobs that were unfinished at the last poll, and that the orchestrator no longer knows. */
  gone: string[];
};

const pageSize = 500;
const minute = 60_000;
const day = 86_400_000;

/** Two lists are never of one moment: the second goes back by this much. */
const overlapMilliseconds = 2 * minute;
/**
 * At the start: jobs that ended in the last 7 days. They can be much older: approval can take 30 days, the locks after it a day, and
 * the work 7 days.
 */
const maxEndedAge = 7 * day;
const maxCreatedAge = maxEndedAge + (30 + 1 + 7) * day;

/**
 * Looks at all jobs of all threads. Each look lists the jobs that have not ended; an id that has left this list is fetched
 * once. Jobs that ended between two looks are found by listing those created since the look before, and at the first look
 * those that ended in the last 7 days. All times are the orchestrator's. Between looks it knows ids and a time, no more.
 */
export class JobWatch {
  readonly #jobs: Jobs;
  #live = new Set<string>();
  /** When the recent jobs were last listed; undefined before the first time. */
  #recentAt: number | undefined;

  constructor(jobs: Jobs) {
    this.#jobs = jobs;
  }

  /**
   * @param recent also list those created since that was last done; the first look does it anyhow
   * @throws OrchestratorError; then the next look makes up for this one
   */
  async poll(recent: boolean): Promise<JobPoll> {
    const live = await this.#list({ states: liveStates });
    const recents = recent || this.#recentAt === undefined ? await this.#listRecent(live.now) : [];
    const known = new Map([...recents, ...live.jobs].map((job) => [job.id, job]));
    const left = await this.#fetchUnlisted([...this.#live].filter((id) => !known.has(id)));
    for (const job of left.found) known.set(job.id, job);
    const jobs = [...known.values()];
    this.#live = new Set([...jobs.filter(isLive).map(({ id }) => id), ...left.again]);
    if (recent || this.#recentAt === undefined) this.#recentAt = live.now;
    return { now: live.now, jobs, busy: this.#live.size > 0, gone: left.gone };
  }

  async #listRecent(now: number): Promise<Job[]> {
    const first = this.#recentAt === undefined;
    const since = this.#recentAt === undefined ? now - maxCreatedAge : this.#recentAt - overlapMilliseconds;
    const { jobs } = await this.#list({ since: new Date(since).toISOString() });
    return first
      ? jobs.filter(({ endedAt }) => endedAt === null || Date.parse(endedAt) > now - maxEndedAge)
      : jobs;
  }

  /** All pages; the time is that of the first. */
  async #list(filter: JobFilter): Promise<{ now: number; jobs: Job[] }> {
    const first = await this.#jobs.page({ ...filter, top: pageSize });
    const jobs = [...first.jobs];
    for (let page: JobPage = first; page.continue !== null; jobs.push(...page.jobs)) {
      page = await this.#jobs.page({ ...filter, top: pageSize, continue: page.continue });
    }
    const now = Date.parse(first.now);
    if (Number.isNaN(now)) throw new Error(`The orchestrator's clock shows ${JSON.stringify(first.now)}`);
    return { now, jobs };
  }

  /** Jobs that are not listed as live any more; those that could not be fetched are for the next look. */
  async #fetchUnlisted(ids: readonly string[]): Promise<{ found: Job[]; again: string[]; gone: string[] }> {
    const found: Job[] = [];
    const again: string[] = [];
    const gone: string[] = [];
    for (const id of ids) {
      try {
        const job = await this.#jobs.get(id);
        if (job) found.push(job);
        else gone.push(id);
      } catch {
        again.push(id);
      }
    }
    return { found, again, gone };
  }
}
