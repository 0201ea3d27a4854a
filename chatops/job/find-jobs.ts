import { parseCommentId } from '../../contracts/comment-id.ts';
import { getRequestComment } from '../../contracts/origin.ts';
import type { Job, JobFilter, Jobs, JobState } from '../../compute/client/index.ts';
import { jobIdPattern } from '../../contracts/ids.ts';
import { type IncomingComment, toScope } from '../incoming-comment.ts';
import { isOriginTrusted } from './trusted-origin.ts';

/** Returns a job by its id; undefined if it does not belong to the comment's repository. */
export const findJob = async (comment: IncomingComment, id: string, jobs: Jobs): Promise<Job | undefined> => {
  if (!jobIdPattern.test(id)) return undefined;
  const job = await jobs.get(id, toScope(comment));
  return job && isInRepository(job, comment) ? job : undefined;
};

/**
 * Returns the jobs of the comment's repository whose ids begin with a text. If an older orchestrator ignores the filter, only the newest
 * jobs are searched.
 */
export const findJobsByPrefix = async (
  comment: IncomingComment,
  idPrefix: string,
  jobs: JobPages,
): Promise<Job[]> =>
  (await listPages(jobs, { repository: toScope(comment), idPrefix })).filter(
    (job) => job.id.startsWith(idPrefix) && isInRepository(job, comment),
  );

/** Returns whether a job belongs to the comment's repository. A job without a host has the comment's. */
export const isInRepository = (
  { origin }: Job,
  { host, thread }: Pick<IncomingComment, 'host' | 'thread'>,
): boolean => origin.repository?.id === thread.repository.id && (origin.host ?? host) === host;

type JobPages = Pick<Jobs, 'page'>;

/** The maximum number of pages that are read for one command. Of more jobs only the newest are found. */
const maxPages = 10;

/** Returns the jobs of the comment's thread that were requested before the comment, newest first. */
export const listThreadJobs = async (comment: IncomingComment, jobs: JobPages): Promise<Job[]> =>
  (await listAllThreadJobs(comment, jobs))
    .filter((job) => wasRequestedBefore(job, comment))
    .toSorted(compareByAge)
    .toReversed();

/** Returns the jobs that the comment itself requested. */
export const listCommentJobs = async (comment: IncomingComment, jobs: JobPages): Promise<Job[]> =>
  (await listAllThreadJobs(comment, jobs)).filter(
    (job) => getRequestComment(job.origin)?.id === comment.comment.id && isOriginTrusted(job),
  );

const listAllThreadJobs = async (comment: IncomingComment, jobs: JobPages): Promise<Job[]> => {
  const { repository, number } = comment.thread;
  const found = await listPages(jobs, { thread: `${repository.id}/${number}` });
  return found.filter((job) => isInRepository(job, comment));
};

/** Returns the jobs of the comment's repository that have not ended, or only those in some states, newest first. */
export const listLiveJobs = async (
  comment: IncomingComment,
  jobs: JobPages,
  states: readonly JobState[] = ['queued', 'waiting', 'running'],
): Promise<Job[]> =>
  (await listPages(jobs, { states, repository: toScope(comment) })).filter((job) =>
    isInRepository(job, comment),
  );

const listPages = async (jobs: JobPages, filter: JobFilter): Promise<Job[]> => {
  const found: Job[] = [];
  let next: string | null = null;
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await jobs.page({ ...filter, top: 100, ...(next === null ? {} : { continue: next }) });
    found.push(...answer.jobs);
    next = answer.continue;
    if (next === null) break;
  }
  return found;
};

/** Returns when a job was requested: the time and the number of its comment, and the index of its command. */
const getRequestOrder = ({ origin, createdAt }: Job): [time: number, comment: number, index: number] => {
  const comment = getRequestComment(origin);
  return [
    Date.parse(comment?.createdAt ?? createdAt),
    comment ? parseCommentId(comment.id).number : 0,
    Number(comment?.['index'] ?? 0),
  ];
};

const wasRequestedBefore = (job: Job, { comment }: IncomingComment): boolean => {
  const [time, number] = getRequestOrder(job);
  const now = Date.parse(comment.createdAt);
  // Within a second, the numbers of different kinds of comments decide arbitrarily, but always alike.
  return time < now || (time === now && number < parseCommentId(comment.id).number);
};

const compareByAge = (a: Job, b: Job): number => {
  const [left, right] = [getRequestOrder(a), getRequestOrder(b)];
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
};

/** Returns whether a job had ended when the comment was written (by GitHub's clock, in whole seconds). */
export const hadEndedBefore = ({ endedAt }: Job, { comment }: IncomingComment): boolean =>
  endedAt !== null && Date.parse(endedAt) < Date.parse(comment.createdAt);
