import type { CancelAnswer, Job, Jobs } from '../../compute/client/index.ts';
import type { IncomingComment } from '../incoming-comment.ts';
import { hadEndedBefore } from './find-jobs.ts';

/** The result of canceling a job. `stopping`: the job ends as canceled by this command. */
export type JobCancellation = { outcome: 'stopping' | 'ended'; job: Job };

/** Cancels a job. Idempotent: a redelivered comment gets the same answer. */
export const cancelJob = async (comment: IncomingComment, job: Job, jobs: Jobs): Promise<JobCancellation> => {
  if (job.endedAt !== null) return toEndedCancellation(job, comment);
  const answer: CancelAnswer = await jobs.cancel(job.id, comment.author.login);
  if (answer === 'accepted') return { outcome: 'stopping', job };
  // It has ended in the meantime, perhaps because of another delivery of the same command.
  return toEndedCancellation((await jobs.get(job.id)) ?? job, comment);
};

const toEndedCancellation = (job: Job, comment: IncomingComment): JobCancellation => {
  const byThis = job.endedBy === comment.author.login && !hadEndedBefore(job, comment);
  return { outcome: job.state === 'canceled' && byThis ? 'stopping' : 'ended', job };
};
