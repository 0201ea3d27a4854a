import type { Job, JobFilter, Jobs, JobState } from '../../compute/client/index.ts';
import { jobIdPattern } from '../../contracts/ids.ts';
import type { IncomingComment } from '../incoming-comment.ts';
import { toScope } from '../scope.ts';
import { isOriginTrusted } from './trusted-origin.ts';

/** A job by its id; one of another repository, or of none, is not found. */
export const findJob = async (comment: IncomingComment, id: string, jobs: Jobs): Promise<Job | undefined> => {
  if (!jobIdPattern.test(id)) return undefined;
  const job = await jobs.get(id, toScope(comment));
  return job && isInRepository(job, comment) ? job : undefined;
};

/** Whether a job belongs to the comment's repository. A job that names no host is on the comment's. */
export const isInRepository = (
  { origin }: Job,
  { host, thread }: Pick<IncomingComment, 'host' | 'thread'>,
): boolean => origin.repository?.id === thread.repository.id && (origin.host ?? host) === host;

type JobPages = Pick<Jobs, 'page'>;

/** Pages that are read for one command; a thread with more jobs than this shows its newest. */
const maxPages = 10;

/** The jobs of the comment's thread that were asked for before it, newest first. */
export const listThreadJobs = async (comment: IncomingComment, jobs: JobPages): Promise<Job[]> =>
  (await listAllThreadJobs(comment, jobs))
    .filter((job) => wasRequestedBefore(job, comment))
    .toSorted(compareByAge)
    .toReversed();

/** The jobs that the comment itself asked for. */
export const listCommentJobs = async (comment: IncomingComment, jobs: JobPages): Promise<Job[]> =>
  (await listAllThreadJobs(comment, jobs)).filter(
    (job) => job.origin.comment?.id === comment.comment.id && isOriginTrusted(job),
  );

const listAllThreadJobs = async (comment: IncomingComment, jobs: JobPages): Promise<Job[]> => {
  const { repository, number } = comment.thread;
  const found = await listPages(jobs, { thread: `${repository.id}/${number}` });
  return found.filter((job) => isInRepository(job, comment));
};

/** The jobs of the comment's repository that have not ended, or those of them in some states, newest first. */
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

/** When a job was asked for: the time and the id of its comment, and its place in there. */
const getRequestOrder = ({ origin, createdAt }: Job): [time: number, comment: number, index: number] => [
  Date.parse(origin.comment?.createdAt ?? createdAt),
  origin.comment?.id ?? 0,
  Number(origin.comment?.['index'] ?? 0),
];

const wasRequestedBefore = (job: Job, { comment }: IncomingComment): boolean => {
  const [time, id] = getRequestOrder(job);
  const now = Date.parse(comment.createdAt);
  return time < now || (time === now && id < comment.id);
};

const compareByAge = (a: Job, b: Job): number => {
  const [left, right] = [getRequestOrder(a), getRequestOrder(b)];
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
};

/** Whether a job was over when the comment was written (GitHub's clock, in whole seconds). */
export const hadEndedBefore = ({ endedAt }: Job, { comment }: IncomingComment): boolean =>
  endedAt !== null && Date.parse(endedAt) < Date.parse(comment.createdAt);
