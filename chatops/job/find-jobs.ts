import type { Job, JobFilter, Jobs, JobState } from '../../compute/client/index.ts';
import type { IncomingComment } from '../github/ports.ts';
import { scopeOf } from '../scope.ts';
import { isVouched } from './trusted-origin.ts';

/** A job by its id; one of another repository, or of none, is not found. */
export const jobOfRepository = async (
  comment: IncomingComment,
  id: string,
  jobs: Jobs,
): Promise<Job | undefined> => {
  if (!/^job-[0-9a-f]{32}$/.test(id)) return undefined;
  const job = await jobs.get(id, scopeOf(comment));
  return job && isOfRepository(job, comment) ? job : undefined;
};

/** Whether a job belongs to the comment's repository. A job that names no host is on the comment's. */
export const isOfRepository = (
  { origin }: Job,
  { host, thread }: Pick<IncomingComment, 'host' | 'thread'>,
): boolean => origin.repository?.id === thread.repository.id && (origin.host ?? host) === host;

type Pages = Pick<Jobs, 'page'>;

/** Pages that are read for one command; a thread with more jobs than this shows its newest. */
const mostPages = 10;

/** The jobs of the comment's thread that were asked for before it, newest first. */
export const jobsOfThread = async (comment: IncomingComment, jobs: Pages): Promise<Job[]> =>
  (await allOfThread(comment, jobs))
    .filter((job) => askedBefore(job, comment))
    .toSorted(byAge)
    .toReversed();

/** The jobs that the comment itself asked for. */
export const jobsOfComment = async (comment: IncomingComment, jobs: Pages): Promise<Job[]> =>
  (await allOfThread(comment, jobs)).filter(
    (job) => job.origin.comment?.id === comment.comment.id && isVouched(job),
  );

const allOfThread = async (comment: IncomingComment, jobs: Pages): Promise<Job[]> => {
  const { repository, number } = comment.thread;
  const found = await allPages(jobs, { thread: `${repository.id}/${number}` });
  return found.filter((job) => isOfRepository(job, comment));
};

/** The jobs of the comment's repository that have not ended, or those of them in some states, newest first. */
export const liveJobs = async (
  comment: IncomingComment,
  jobs: Pages,
  states: readonly JobState[] = ['queued', 'waiting', 'running'],
): Promise<Job[]> =>
  (await allPages(jobs, { states, repository: scopeOf(comment) })).filter((job) =>
    isOfRepository(job, comment),
  );

const allPages = async (jobs: Pages, filter: JobFilter): Promise<Job[]> => {
  const found: Job[] = [];
  let next: string | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await jobs.page({ ...filter, top: 100, ...(next === null ? {} : { continue: next }) });
    found.push(...answer.jobs);
    next = answer.continue;
    if (next === null) break;
  }
  return found;
};

/** When a job was asked for: the time and the id of its comment, and its place in there. */
const asked = ({ origin, createdAt }: Job): [time: number, comment: number, index: number] => [
  Date.parse(origin.comment?.createdAt ?? createdAt),
  origin.comment?.id ?? 0,
  Number(origin.comment?.['index'] ?? 0),
];

const askedBefore = (job: Job, { comment }: IncomingComment): boolean => {
  const [time, id] = asked(job);
  const now = Date.parse(comment.createdAt);
  return time < now || (time === now && id < comment.id);
};

const byAge = (a: Job, b: Job): number => {
  const [left, right] = [asked(a), asked(b)];
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
};

/** Whether a job was over when the comment was written (GitHub's clock, in whole seconds). */
export const endedBefore = ({ endedAt }: Job, { comment }: IncomingComment): boolean =>
  endedAt !== null && Date.parse(endedAt) < Date.parse(comment.createdAt);
