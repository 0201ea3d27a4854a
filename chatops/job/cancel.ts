import type { CancelAnswer, Job, Jobs } from '../../compute/client/index.ts';
import type { IncomingComment } from '../github/port.ts';

/** What became of a `/cancel`. `stopping`: the job ends as canceled by this command. */
export type Cancellation =
  | { outcome: 'stopping'; job: Job }
  | { outcome: 'ended'; job: Job }
  | { outcome: 'not-found'; id: string }
  | { outcome: 'nothing-runs' };

/**
 * Cancels a job of the comment's repository: the one named, or the newest of the thread. Nothing that the comment's author
 * could not have meant when writing it is canceled, so a comment that is delivered again does no more than it did.
 */
export const cancelJob = async (
  comment: IncomingComment,
  id: string | undefined,
  jobs: Jobs,
): Promise<Cancellation> => {
  const job = id === undefined ? await newestBefore(comment, jobs) : await jobOfRepository(comment, id, jobs);
  if (!job) return id === undefined ? { outcome: 'nothing-runs' } : { outcome: 'not-found', id };
  if (job.endedAt !== null) return ended(job, comment);
  const answer: CancelAnswer = await jobs.cancel(job.id, comment.author.login);
  if (answer === 'accepted') return { outcome: 'stopping', job };
  // It ended meanwhile, perhaps by the same command in another delivery.
  return ended((await jobs.get(job.id)) ?? job, comment);
};

const ended = (job: Job, comment: IncomingComment): Cancellation => {
  const byThis = job.endedBy === comment.author.login && !endedBefore(job, comment);
  return { outcome: job.state === 'canceled' && byThis ? 'stopping' : 'ended', job };
};

/** Whether a job was over when the comment was written (GitHub's clock, in whole seconds). */
const endedBefore = ({ endedAt }: Job, { comment }: IncomingComment): boolean =>
  endedAt !== null && Date.parse(endedAt) < Date.parse(comment.createdAt);

/** A job by its id; one of another repository, or of none, is not found. */
const jobOfRepository = async (
  comment: IncomingComment,
  id: string,
  jobs: Jobs,
): Promise<Job | undefined> => {
  if (!/^job-[0-9a-f]{32}$/.test(id)) return undefined;
  const job = await jobs.get(id);
  return job && job.origin.repository?.id === comment.thread.repository.id && onHost(job, comment)
    ? job
    : undefined;
};

/** A job that names no host is on the comment's. */
const onHost = ({ origin }: Job, { host }: IncomingComment): boolean => (origin.host ?? host) === host;

/** The newest job of the thread that was asked for before this comment and was not over when this comment was written. */
const newestBefore = async (comment: IncomingComment, jobs: Jobs): Promise<Job | undefined> => {
  const thread = `${comment.thread.repository.id}/${comment.thread.number}`;
  let next: string | null = null;
  do {
    const filter = next === null ? {} : { continue: next };
    const page = await jobs.page({ thread, top: 100, ...filter });
    const meant = page.jobs.filter((job) => askedBefore(job, comment) && !endedBefore(job, comment));
    const newest = meant.toSorted(byAge).at(-1);
    if (newest) return newest;
    next = page.continue;
  } while (next !== null);
  return undefined;
};

/** When a job was asked for: the time and the id of its comment, and its place in there. */
const asked = ({ origin, createdAt }: Job): [time: number, comment: number, index: number] => [
  Date.parse(origin.comment?.createdAt ?? createdAt),
  origin.comment?.id ?? 0,
  Number(origin.comment?.['index'] ?? 0),
];

const askedBefore = (job: Job, comment: IncomingComment): boolean => {
  const [time, id] = asked(job);
  const now = Date.parse(comment.comment.createdAt);
  return onHost(job, comment) && (time < now || (time === now && id < comment.comment.id));
};

const byAge = (a: Job, b: Job): number => {
  const [left, right] = [asked(a), asked(b)];
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
};
