import type { Job, Jobs } from '../../compute/client/index.ts';
import type { TrackedReply } from './tracked-reply.ts';

/** Returns whether a job's reply shows the last lines of its log, which change without a change of the job in lists. */
const hasLastLines = ({ kind, state }: Job): boolean => kind === 'task' && state === 'running';

/** Returns whether a reply must be refreshed although none of its jobs has changed. */
export const showsLastLines = ({ jobs }: TrackedReply): boolean => [...jobs.values()].some(hasLastLines);

/** Adds the last lines of their logs to the running tasks of a reply. Those that cannot be read stay as they were. */
export const readLastLines = async (tracked: TrackedReply, jobs: Pick<Jobs, 'get'>): Promise<void> => {
  for (const job of [...tracked.jobs.values()].filter(hasLastLines)) {
    const view = await jobs.get(job.id).catch(() => undefined);
    if (view?.lastLines !== undefined) tracked.lastLines.set(job.id, view.lastLines);
  }
};

/** Returns the jobs of a reply, with the last lines that are known. */
export const listJobsWithLastLines = ({ jobs, lastLines }: TrackedReply): Job[] =>
  [...jobs.values()].map((job) =>
    hasLastLines(job) && lastLines.has(job.id) ? { ...job, lastLines: lastLines.get(job.id) } : job,
  );
