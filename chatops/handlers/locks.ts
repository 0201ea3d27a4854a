import type { Job } from '../../compute/client/index.ts';
import type { CommandContext } from '../command-context.ts';
import { answerWith } from '../command-outcome.ts';
import * as answers from '../reply/answers/index.ts';
import { taskLockScope } from '../../contracts/task-locks.ts';
import { toScope } from '../incoming-comment.ts';
import type { Handler } from './handler.ts';

/**
 * `/locks`: lists the locks of this repository with their holders and queues, and the locks of task definitions that jobs of this
 * repository hold or wait for. Keys and jobs of other repositories are not shown.
 */
export const locks: Handler<'locks'> = async (_invocation, context) => {
  const scope = toScope(context.comment);
  const lists = await Promise.all(
    [scope, taskLockScope].map((each) => context.ports.locks.list(each, scope)),
  );
  const all = lists.flat();
  return answerWith(answers.renderLocks(all, await getJobs(answers.getListedJobs(all), context)), 'shown');
};

/** Returns the known ones of these jobs, by id. */
export const getJobs = async (
  ids: Iterable<string>,
  { ports }: CommandContext,
): Promise<ReadonlyMap<string, Job>> => {
  const jobs = await Promise.all([...ids].map((id) => ports.jobs.get(id)));
  return new Map(jobs.flatMap((job): [string, Job][] => (job ? [[job.id, job]] : [])));
};
