import type { Job } from '../../compute/client/index.ts';
import { toSubject } from '../authorization.ts';
import type { CommandContext } from '../command-context.ts';
import { answerWith, refuse } from '../command-outcome.ts';
import { findJob, listThreadJobs } from '../job/index.ts';
import * as answers from '../reply/answers/index.ts';
import type { Handler } from './handler.ts';
import { requireRunPermission } from './require-permission.ts';
import { isRepositoryPublic } from './status.ts';

/** The maximum size of a requested log, in bytes: more than a reply can show. */
const maxLogBytes = 60_000;

/** `/logs`: shows the end of a task's log; without a job, of the newest task of the thread. */
export const logs: Handler<'logs'> = async ({ intent: { job: id } }, context) => {
  const job = await findTaskJob(id, context);
  if (!job) {
    return id === undefined
      ? refuse(answers.renderNothingToDo('/logs', 'no task has run in this thread'), 'nothing-fits')
      : refuse(answers.renderJobNotFound('/logs', id), 'not-found');
  }
  const denied = await requireRunPermission('/logs', toSubject(job), context);
  if (denied) return denied;
  const [log, isPublic] = await Promise.all([
    context.ports.jobs.log(job.id, maxLogBytes),
    isRepositoryPublic(context),
  ]);
  return answerWith(answers.renderLog(job, log, isPublic), 'shown', { job: job.id });
};

const findTaskJob = async (
  id: string | undefined,
  { comment, ports: { jobs } }: CommandContext,
): Promise<Job | undefined> => {
  if (id !== undefined) return findJob(comment, id, jobs);
  return (await listThreadJobs(comment, jobs)).find(({ kind }) => kind === 'task');
};
