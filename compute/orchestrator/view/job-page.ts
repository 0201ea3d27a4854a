import { type Job, type JobPage, type JobState } from '../../../contracts/job.ts';
import type { DurableClient, InstanceFilter, RuntimeStatus } from '../durable.ts';
import { liveStatuses } from '../job/instances.ts';
import { parseJobInstance, type JobInstance } from '../job/job-instance.ts';
import { buildJobView, type CallerViewOptions } from './job-view.ts';

export type JobPageRequest = {
  /** The states to include; all if undefined. */
  states?: readonly JobState[];
  /** The earliest creation time, ISO 8601. */
  since?: string;
  thread?: { repository: number; number: number };
  /** The jobs of a repository. A job without a host matches any host. */
  repository?: { host: string; id: number };
  /** The beginning of the jobs' ids. */
  idPrefix?: string;
  top: number;
  continuation?: string;
};

const startedStatuses = ['Running', 'Suspended', 'ContinuedAsNew'] as const;

/** The runtime statuses that jobs in a state can have. For Durable Functions, a job that stopped itself has completed. */
const statusesByState: Record<JobState, readonly RuntimeStatus[]> = {
  queued: liveStatuses,
  waiting: startedStatuses,
  running: startedStatuses,
  completed: ['Completed'],
  'completed-with-failures': ['Completed'],
  failed: ['Completed', 'Failed'],
  canceled: ['Completed', 'Terminated', 'Canceled'],
  'timed-out': ['Completed'],
};

/** The maximum number of jobs per query. */
const maxJobsPerQuery = 100;
/** A page has no more jobs than necessary to reach this size of their files, in characters of JSON: links make up most of it. */
const maxFilesLength = 4_000_000;

/**
 * Returns one page of jobs, newest first, usually with one query, and one more per running compute job in it. A page of jobs with many
 * files ends early, with a continuation.
 */
export const listJobPage = async (
  client: DurableClient,
  request: JobPageRequest,
  options: CallerViewOptions,
): Promise<JobPage> => {
  const now = new Date().toISOString();
  const filter = toFilter(request);
  const jobs: Job[] = [];
  let { continuation } = request;
  let filesLength = 0;
  do {
    const top = Math.min(request.top - jobs.length, maxJobsPerQuery);
    const page = await client.list({ ...filter, top, ...(continuation ? { continuation } : {}) });
    const found = page.instances.map((status) => parseJobInstance(status)).filter((job) => job !== undefined);
    const matching = found.filter(
      (job) => isOfThread(job, request.thread) && isOfRepository(job, request.repository),
    );
    const views = await Promise.all(matching.map((job) => buildJobView(client, job, options)));
    jobs.push(...views.filter(({ state }) => request.states?.includes(state) ?? true));
    filesLength += views.reduce((sum, { files }) => sum + (files ? JSON.stringify(files).length : 0), 0);
    continuation = page.continuation;
  } while (continuation !== undefined && jobs.length < request.top && filesLength < maxFilesLength);
  return { v: 1, now, jobs, continue: continuation ?? null };
};

const toFilter = ({ states, since, idPrefix = 'job-' }: JobPageRequest): InstanceFilter => ({
  prefix: idPrefix,
  ...(states ? { statuses: [...new Set(states.flatMap((state) => statusesByState[state]))] } : {}),
  ...(since === undefined ? {} : { createdFrom: since }),
});

const isOfRepository = ({ input }: JobInstance, requested: JobPageRequest['repository']): boolean => {
  const { host, repository } = input.request.origin;
  return !requested || (repository?.id === requested.id && (host ?? requested.host) === requested.host);
};

const isOfThread = ({ input }: JobInstance, thread: JobPageRequest['thread']): boolean => {
  if (!thread) return true;
  const { repository, thread: own } = input.request.origin;
  return repository?.id === thread.repository && own?.number === thread.number;
};
