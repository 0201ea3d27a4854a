import { finalStates, jobStates, type Job, type JobState } from '../../../../contracts/job.ts';
import { formatJobCommand } from './job-state.ts';
import type { RepositoryJobs } from './job-source.ts';

/** The filters of the job list, as in the address of its page. */
export type JobFilter = {
  /** A state, `active` or `ended`; empty: all. */
  state: string;
  kind: 'task' | 'compute' | '';
  /** The login of the person who requested the job. */
  by: string;
  /** A part of the command, the id or the parameters. */
  text: string;
  /** The number of a thread; null: all. */
  thread: number | null;
};

export const parseJobFilter = (query: URLSearchParams): JobFilter => {
  const get = (name: string): string => (query.get(name) ?? '').trim().slice(0, maxFilterLength);
  const kind = get('kind');
  const thread = get('thread');
  return {
    state: stateGroups.has(get('state')) ? get('state') : '',
    kind: kind === 'task' || kind === 'compute' ? kind : '',
    by: get('by').replace(/^@/, ''),
    text: get('text'),
    thread: /^\d{1,9}$/.test(thread) ? Number(thread) : null,
  };
};

const maxFilterLength = 200;

/** Returns the query of the page with these filters, without empty ones. */
export const formatJobFilter = ({ thread, ...filter }: JobFilter, after?: string): string => {
  const entries = Object.entries({
    ...filter,
    thread: thread === null ? '' : String(thread),
    after: after ?? '',
  });
  return new URLSearchParams(entries.filter(([, value]) => value !== '')).toString();
};

/** The states that the filter can select, by name. */
export const stateGroups: ReadonlyMap<string, readonly JobState[]> = new Map<string, readonly JobState[]>([
  ['active', ['queued', 'waiting', 'running']],
  ['ended', finalStates],
  ...jobStates.map((state): [string, readonly JobState[]] => [state, [state]]),
]);

/** The jobs on a page; it can have some more, because pages of the orchestrator are not cut. */
const pageSize = 25;
/** The number of jobs that are searched for one page. */
const maxSearched = 2_000;

/** A page of the list. `next` continues it; null at the end. `searched`: how many jobs the filters were applied to. */
export type FoundJobs = { jobs: Job[]; next: string | null; searched: number };

/** Returns the jobs that match, newest first. The orchestrator filters states and threads, and this the rest. */
export const findJobs = async (
  source: RepositoryJobs,
  filter: JobFilter,
  after: string | undefined,
): Promise<FoundJobs> => {
  const states = stateGroups.get(filter.state);
  const isSearch = filter.kind !== '' || filter.by !== '' || filter.text !== '';
  const query = {
    repository: source.repository,
    top: isSearch ? 100 : pageSize,
    ...(states && { states }),
    ...(filter.thread !== null && { thread: `${source.repositoryId}/${filter.thread}` }),
  };
  const jobs: Job[] = [];
  let searched = 0;
  let next: string | null | undefined = after;
  do {
    const page = await source.page({ ...query, ...(next && { continue: next }) });
    searched += page.jobs.length;
    jobs.push(...page.jobs.filter((job) => matches(job, filter)));
    next = page.continue;
  } while (next !== null && jobs.length < pageSize && searched < maxSearched);
  return { jobs, next, searched };
};

const matches = (job: Job, { kind, by, text }: JobFilter): boolean => {
  const sender = job.origin.sender ?? '';
  return (
    (kind === '' || job.kind === kind) &&
    (by === '' || sender.toLowerCase() === by.toLowerCase()) &&
    text
      .toLowerCase()
      .split(/\s+/)
      .every((word) => toSearchText(job).includes(word))
  );
};

const toSearchText = (job: Job): string =>
  [job.id, formatJobCommand(job), JSON.stringify(job.request), job.reason].join('\n').toLowerCase();
