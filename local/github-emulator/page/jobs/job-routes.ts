import { jobIdPattern } from '../../../../contracts/ids.ts';
import type { Job } from '../../../../contracts/job.ts';
import { repositoryName } from '../../accounts.ts';
import { createPage, htmlResponse, type PageContent } from '../layout.ts';
import { notFoundPage, type PageContext, type PageRequest, type PageRoute } from '../page-context.ts';
import { renderMessage } from '../message.ts';
import { findJobs, parseJobFilter } from './job-filter.ts';
import { renderJobList, renderJobRows, type FindReply } from './job-list.ts';
import { renderJob, renderJobOverview } from './job-page.ts';
import { formatJobCommand } from './job-state.ts';
import { findReplies } from './reply-jobs.ts';
import type { RepositoryJobs } from './job-source.ts';

const jobsPath = `/${repositoryName}/jobs`;

/** The end of a log that a page contains; its script reads the rest as it grows. */
const logBytes = 128 * 1024;

/** Returns the routes of the job list and of the jobs. Without a source of jobs, there are none. */
export const createJobRoutes = (context: PageContext): readonly PageRoute[] => {
  const { jobs, site } = context;
  if (!jobs) return [];
  const answer =
    (handle: (request: PageRequest) => Promise<Response | PageContent>) =>
    async (request: PageRequest): Promise<Response | PageContent> => {
      try {
        return await handle(request);
      } catch (error) {
        context.log.warn({ err: error }, 'the jobs could not be read');
        return unavailablePage;
      }
    };
  const loadList = async ({ url }: PageRequest) => {
    const filter = parseJobFilter(url.searchParams);
    const after = url.searchParams.get('after') ?? undefined;
    return {
      filter,
      after,
      found: await findJobs(jobs, filter, after),
      findReply: createReplyFinder(context),
    };
  };
  const onJob = (show: (job: Job, reply: string | undefined) => Promise<Response | PageContent>) =>
    answer(async ({ parameters }) => {
      const job = await findJob(jobs, parameters['job'] ?? '');
      return job ? show(job, createReplyFinder(context)(job)) : notFoundPage();
    });
  const { pictureOrigin } = site;
  return [
    {
      method: 'GET',
      path: jobsPath,
      handle: answer(async (request) => createPage('Jobs', renderJobList(await loadList(request)))),
    },
    {
      method: 'GET',
      path: `${jobsPath}/rows`,
      handle: answer(async (request) => htmlResponse(renderJobRows(await loadList(request)))),
    },
    {
      method: 'GET',
      path: `${jobsPath}/:job`,
      handle: onJob(async (job, reply) => {
        const log = job.kind === 'task' ? await jobs.log(job.id, logBytes) : undefined;
        return createPage(`${formatJobCommand(job)} · Job`, renderJob({ job, reply, pictureOrigin }, log));
      }),
    },
    {
      method: 'GET',
      path: `${jobsPath}/:job/overview`,
      handle: onJob(async (job, reply) => htmlResponse(renderJobOverview({ job, reply, pictureOrigin }))),
    },
  ];
};

const unavailablePage: PageContent = createPage(
  'Jobs',
  renderMessage('The jobs cannot be shown', 'The orchestrator does not answer. Try again in a moment.'),
  503,
);

/** Returns a job of this repository. Jobs of other origins are unknown here. */
export const findJob = async (jobs: RepositoryJobs, id: string): Promise<Job | undefined> => {
  if (!jobIdPattern.test(id)) return undefined;
  const job = await jobs.get(id, jobs.repository);
  return job?.origin.repository?.id === jobs.repositoryId ? job : undefined;
};

/** Returns a function that finds the reply of a job. It reads each thread once. */
const createReplyFinder = ({ store, accounts }: PageContext): FindReply => {
  const threads = new Map<number, ReadonlyMap<string, string>>();
  return ({ id, origin: { thread } }) => {
    if (!thread) return undefined;
    const replies = threads.get(thread.number) ?? findReplies(store, accounts, thread.number);
    threads.set(thread.number, replies);
    return replies.get(id);
  };
};
