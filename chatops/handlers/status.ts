import { toSubject } from '../authorization.ts';
import type { CommandContext } from '../command-context.ts';
import { answerWith } from '../command-outcome.ts';
import { listThreadJobs } from '../job/index.ts';
import * as answers from '../reply/answers/index.ts';
import type { Handler } from './handler.ts';
import { findNamedJob } from './named-job.ts';
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
  const found = await findNamedJob('/status', id, context);
  if (!found.ok) return found.refusal;
  const { value: job } = found;
  const denied = await requireRunPermission('/status', toSubject(job), context);
  if (denied) return denied;
  return answerWith(answers.renderStatus(job, await isRepositoryPublic(context)), 'shown', { job: job.id });
};

/** Returns whether everyone can read the comment's repository. */
export const isRepositoryPublic = ({ comment, ports }: CommandContext): Promise<boolean> =>
  ports.visibility.isPublic(comment.thread.repository);
