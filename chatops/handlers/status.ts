import type { Job } from '../../compute/client/index.ts';
import { jobOfRepository, jobsOfThread } from '../job/index.ts';
import * as say from '../reply/answers/index.ts';
import { subjectOf } from '../authorization.ts';
import { answered, refused, type Outcome, type Visit } from '../command-context.ts';
import { mustRun } from './require-permission.ts';

/** Jobs that a list shows. */
const mostListed = 20;

/** Bytes of a log that are asked for: more than a reply can show. */
const logBytes = 60_000;

/** `/status`: a job, or the jobs of the thread. */
export const showStatus = async (id: string | undefined, visit: Visit): Promise<Outcome> => {
  const { comment, ports } = visit;
  if (id === undefined) {
    const jobs = await jobsOfThread(comment, ports.jobs);
    return answered(
      say.statusList(jobs.slice(0, mostListed), Math.max(0, jobs.length - mostListed)),
      'shown',
    );
  }
  const job = await jobOfRepository(comment, id, ports.jobs);
  if (!job) return refused(say.jobNotFound('/status', id), 'not-found');
  const denied = await mustRun('/status', subjectOf(job), visit);
  if (denied) return denied;
  return answered(say.statusOf(job, await isOpen(visit)), 'shown', { job: job.id });
};

/** `/logs`: the end of a task's log; of the thread's newest task, if none is named. */
export const showLogs = async (id: string | undefined, visit: Visit): Promise<Outcome> => {
  const job = await namedOrNewest(id, visit);
  if (!job) {
    return id === undefined
      ? refused(say.nothingToDo('/logs', 'no task has run in this thread'), 'nothing-fits')
      : refused(say.jobNotFound('/logs', id), 'not-found');
  }
  const denied = await mustRun('/logs', subjectOf(job), visit);
  if (denied) return denied;
  const [log, isPublic] = await Promise.all([visit.ports.jobs.log(job.id, logBytes), isOpen(visit)]);
  return answered(say.logs(job, log, isPublic), 'shown', { job: job.id });
};

const isOpen = ({ comment, ports }: Visit): Promise<boolean> =>
  ports.visibility.isPublic(comment.thread.repository);

const namedOrNewest = async (
  id: string | undefined,
  { comment, ports: { jobs } }: Visit,
): Promise<Job | undefined> => {
  if (id !== undefined) return jobOfRepository(comment, id, jobs);
  return (await jobsOfThread(comment, jobs)).find(({ kind }) => kind === 'task');
};
