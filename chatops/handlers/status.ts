import type { Job } from '../../compute/client/index.ts';
import { findJob, listThreadJobs } from '../job/index.ts';
import * as say from '../reply/answers/index.ts';
import { toSubject } from '../authorization.ts';
import { answerWith, refuse, type CommandOutcome, type CommandContext } from '../command-context.ts';
import { requireRunPermission } from './require-permission.ts';

/** Jobs that a list shows. */
const maxListed = 20;

/** Bytes of a log that are asked for: more than a reply can show. */
const maxLogBytes = 60_000;

/** `/status`: a job, or the jobs of the thread. */
export const showStatus = async (id: string | undefined, visit: CommandContext): Promise<CommandOutcome> => {
  const { comment, ports } = visit;
  if (id === undefined) {
    const jobs = await listThreadJobs(comment, ports.jobs);
    return answerWith(
      say.renderJobList(jobs.slice(0, maxListed), Math.max(0, jobs.length - maxListed)),
      'shown',
    );
  }
  const job = await findJob(comment, id, ports.jobs);
  if (!job) return refuse(say.renderJobNotFound('/status', id), 'not-found');
  const denied = await requireRunPermission('/status', toSubject(job), visit);
  if (denied) return denied;
  return answerWith(say.renderStatus(job, await isRepositoryPublic(visit)), 'shown', { job: job.id });
};

/** `/logs`: the end of a task's log; of the thread's newest task, if none is named. */
export const showLogs = async (id: string | undefined, visit: CommandContext): Promise<CommandOutcome> => {
  const job = await findNamedOrNewestTask(id, visit);
  if (!job) {
    return id === undefined
      ? refuse(say.renderNothingToDo('/logs', 'no task has run in this thread'), 'nothing-fits')
      : refuse(say.renderJobNotFound('/logs', id), 'not-found');
  }
  const denied = await requireRunPermission('/logs', toSubject(job), visit);
  if (denied) return denied;
  const [log, isPublic] = await Promise.all([
    visit.ports.jobs.log(job.id, maxLogBytes),
    isRepositoryPublic(visit),
  ]);
  return answerWith(say.renderLog(job, log, isPublic), 'shown', { job: job.id });
};

const isRepositoryPublic = ({ comment, ports }: CommandContext): Promise<boolean> =>
  ports.visibility.isPublic(comment.thread.repository);

const findNamedOrNewestTask = async (
  id: string | undefined,
  { comment, ports: { jobs } }: CommandContext,
): Promise<Job | undefined> => {
  if (id !== undefined) return findJob(comment, id, jobs);
  return (await listThreadJobs(comment, jobs)).find(({ kind }) => kind === 'task');
};
