import { toSubject } from '../authorization.ts';
import type { CommandContext } from '../command-context.ts';
import { answerWith, refuse } from '../command-outcome.ts';
import { findJob, listThreadJobs } from '../job/index.ts';
import * as answers from '../reply/answers/index.ts';
import type { Handler } from './handler.ts';
import { requireRunPermission } from './require-permission.ts';

/** The maximum number of jobs in a list. */
const maxListed = 20;

/** `/status`: shows a job, or the jobs of the thread. */
export const status: Handler<'status'> = async ({ intent: { job: id } }, context) => {
  const { comment, ports } = context;
  if (id === undefined) {
    const jobs = await listThreadJobs(comment, ports.jobs);
    const hidden = Math.max(0, jobs.length - maxListed);
    return answerWith(answers.renderJobList(jobs.slice(0, maxListed), hidden), 'shown');
  }
  const job = await findJob(comment, id, ports.jobs);
  if (!job) return refuse(answers.renderJobNotFound('/status', id), 'not-found');
  const denied = await requireRunPermission('/status', toSubject(job), context);
  if (denied) return denied;
  return answerWith(answers.renderStatus(job, await isRepositoryPublic(context)), 'shown', { job: job.id });
};

/** Returns whether everyone can read the comment's repository. */
export const isRepositoryPublic = ({ comment, ports }: CommandContext): Promise<boolean> =>
  ports.visibility.isPublic(comment.thread.repository);
