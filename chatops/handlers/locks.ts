import type { Job } from '../../compute/client/index.ts';
import { answerWith } from '../command-outcome.ts';
import * as answers from '../reply/answers/index.ts';
import { taskLockScope } from '../../contracts/task-locks.ts';
import { toScope } from '../incoming-comment.ts';
import type { Handler } from './handler.ts';

/**
 * `/locks`: lists the locks of this repository with their holders and queues, and the locks of task definitions that jobs of this
 * repository hold or wait for. Keys and jobs of other repositories are not shown.
 */
export const locks: Handler<'locks'> = async (_invocation, { comment, ports }) => {
  const scope = toScope(comment);
  const lists = await Promise.all([scope, taskLockScope].map((each) => ports.locks.list(each, scope)));
  const all = lists.flat();
  const jobs = await Promise.all([...answers.getListedJobs(all)].map((id) => ports.jobs.get(id)));
  const jobsById = new Map(jobs.flatMap((job): [string, Job][] => (job ? [[job.id, job]] : [])));
  return answerWith(answers.renderLocks(all, jobsById), 'shown');
};
