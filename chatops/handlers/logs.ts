import type { Job } from '../../compute/client/index.ts';
import { toSubject } from '../authorization.ts';
import type { CommandContext } from '../command-context.ts';
import { answerWith, failWith, type Refusal } from '../command-outcome.ts';
import { listThreadJobs } from '../job/index.ts';
import * as answers from '../reply/answers/index.ts';
import { succeed, type Result } from '../result.ts';
import type { Handler } from './handler.ts';
import { findNamedJob } from './named-job.ts';
import { requireRunPermission } from './require-permission.ts';
import { isRepositoryPublic } from './status.ts';

/** The maximum size of a requested log, in bytes: more than a reply can show. */
const maxLogBytes = 60_000;

/** `/logs`: shows the end of a task's log; without a job, of the newest task of the thread. */
export const logs: Handler<'logs'> = async ({ intent: { job: id } }, context) => {
  const found = id === undefined ? await findNewestTask(context) : await findNamedJob('/logs', id, context);
  if (!found.ok) return found.refusal;
  const { value: job } = found;
  const denied = await requireRunPermission('/logs', toSubject(job), context);
  if (denied) return denied;
  const [log, isPublic] = await Promise.all([
    context.ports.jobs.log(job.id, maxLogBytes),
    isRepositoryPublic(context),
  ]);
  return answerWith(answers.renderLog(job, log, isPublic), 'shown', { job: job.id });
};

const findNewestTask = async ({ comment, ports }: CommandContext): Promise<Result<Job, Refusal>> => {
  const job = (await listThreadJobs(comment, ports.jobs)).find(({ kind }) => kind === 'task');
  return job
    ? succeed(job)
    : failWith(answers.renderNothingToDo('/logs', 'no task has run in this thread'), 'nothing-fits');
};
