import type { Job, JobFilter, JobPage, Jobs, JobState } from './index.ts';

const liveStates = ['queued', 'waiting', 'running'] as const satisfies readonly JobState[];
export const isLive = ({ state }: Job): boolean => liveStates.some((live) => live === state);

const awaitsApproval = ({ waiting }: Job): boolean => waiting?.for === 'approval';

/** The result of a poll. */
export type JobPoll = {
  /** The orchestrator's clock, in milliseconds since 1970. */
  now: number;
  /** Every job that may have changed. */
  jobs: Job[];
  /** Whether there are jobs that have not ended. */
  busy: boolean;
  /** Whether all of these wait for an approval, so that nothing changes without a person. */
  awaitsApproval: boolean;
  /** The ids of jobs that were unfinished at the last poll, and that the orchestrator no longer knows. */
  gone: string[];
};

const pageSize = 500;
const minute = 60_000;
const day = 86_400_000;

/** Successive lists overlap by this much, because a list is not a snapshot of one moment. */
const overlapMilliseconds = 2 * minute;
/**
 * The first poll lists the jobs that ended in the last 7 days. They can be much older: approval can take 30 days, the locks a day, and
 * the work 7 days.
 */
const maxEndedAge = 7 * day;
const maxCreatedAge = maxEndedAge + (30 + 1 + 7) * day;

/**
 * What a poll lists: the jobs that have not ended, and those created since the recent ones were last listed; or only one of the two.
 * The recent ones alone are enough while all known jobs have ended.
 */
export type JobLists = 'all' | 'live' | 'recent';

/**
 * Polls all jobs of all threads. A poll lists the jobs that have not ended, and fetches each id that has left this list once. Jobs
 * that ended between two polls are found by listing those created since the previous poll, and at the first poll those that ended in
 * the last 7 days. All times are the orchestrator's. Between polls, it stores only ids and a time.
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
   * @param lists the first poll lists all, and so does one for recent jobs while a known job has not ended
   * @throws OrchestratorError; the next poll then covers this one, too
   */
  async poll(lists: JobLists): Promise<JobPoll> {
    if (lists === 'recent' && this.#recentAt !== undefined && this.#live.size === 0)
      return this.#pollRecent(this.#recentAt);
    const recent = lists !== 'live' || this.#recentAt === undefined;
    const live = await this.#list({ states: liveStates });
    const recents = recent ? await this.#listRecent(live.now) : [];
    const known = new Map([...recents, ...live.jobs].map((job) => [job.id, job]));
    const left = await this.#fetchUnlisted([...this.#live].filter((id) => !known.has(id)));
    for (const job of left.found) known.set(job.id, job);
    const jobs = [...known.values()];
    this.#live = new Set([...jobs.filter(isLive).map(({ id }) => id), ...left.again]);
    if (recent) this.#recentAt = live.now;
    return { now: live.now, jobs, ...this.#describeLive(jobs), gone: left.gone };
  }

  /** Polls with one list: while all known jobs have ended, a job that has not was created since recent jobs were last listed. */
  async #pollRecent(recentAt: number): Promise<JobPoll> {
    const { now, jobs } = await this.#listCreatedSince(recentAt - overlapMilliseconds);
    this.#live = new Set(jobs.filter(isLive).map(({ id }) => id));
    this.#recentAt = now;
    return { now, jobs, ...this.#describeLive(jobs), gone: [] };
  }

  /** A live job that could not be fetched may do anything. */
  #describeLive(jobs: readonly Job[]): Pick<JobPoll, 'busy' | 'awaitsApproval'> {
    const waiting = jobs.filter((job) => isLive(job) && awaitsApproval(job));
    return { busy: this.#live.size > 0, awaitsApproval: waiting.length === this.#live.size };
  }

  async #listRecent(now: number): Promise<Job[]> {
    if (this.#recentAt !== undefined)
      return (await this.#listCreatedSince(this.#recentAt - overlapMilliseconds)).jobs;
    const { jobs } = await this.#listCreatedSince(now - maxCreatedAge);
    return jobs.filter(({ endedAt }) => endedAt === null || Date.parse(endedAt) > now - maxEndedAge);
  }

  #listCreatedSince(time: number): Promise<{ now: number; jobs: Job[] }> {
    return this.#list({ since: new Date(time).toISOString() });
  }

  /** Returns the jobs of all pages; the time is that of the first page. */
  async #list(filter: JobFilter): Promise<{ now: number; jobs: Job[] }> {
    const first = await this.#jobs.page({ ...filter, top: pageSize });
    const jobs = [...first.jobs];
    for (let page: JobPage = first; page.continue !== null; jobs.push(...page.jobs)) {
      page = await this.#jobs.page({ ...filter, top: pageSize, continue: page.continue });
    }
    const now = Date.parse(first.now);
    if (Number.isNaN(now))
      throw new Error(`The orchestrator's time is not valid: ${JSON.stringify(first.now)}`);
    return { now, jobs };
  }

  /** Fetches jobs that are no longer listed as live. Those that could not be fetched are left to the next poll. */
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
