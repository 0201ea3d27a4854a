import { checkOf, isCheckRefused } from '../../chatops/reply-sync/check-run.ts';
import type { Check, Checks } from '../../chatops/github/ports.ts';
import { notesOf } from '../../chatops/job/notes.ts';
import { isLive } from '../../compute/client/job-watch.ts';
import type { Job } from '../../compute/client/index.ts';
import { haveAllEnded, type Followed } from './tracked-reply.ts';

export type CheckWriting = {
  write: (write: () => Promise<void>) => Promise<void>;
  /** Whether to also write check runs of jobs that had ended when they were first seen; otherwise GitHub is asked what they show. */
  confirm: boolean;
  /** A check run is not for us to write; the job goes on without. */
  onRefused: (job: string, cause: unknown) => void;
};

/**
 * Updates the check runs of jobs whose current state is not known to be shown. A refused check run is retried when all jobs have
 * ended.
 * @return how many were written, and whether any was refused
 */
export const putChecks = async (
  followed: Followed,
  checks: Checks,
  { write, confirm, onRefused }: CheckWriting,
): Promise<{ written: number; isRefused: boolean }> => {
  const { jobs, checked, refusedChecks } = followed;
  const { repository } = followed.target.thread;
  const isLast = haveAllEnded(followed);
  const isShown = async (job: Job, check: Check): Promise<boolean> =>
    !isLive(job) && !checked.has(job.id) && !confirm && checks.isShown(repository, check);
  let written = 0;
  let isRefused = false;
  for (const job of jobs.values()) {
    const commit = notesOf(job.origin).check;
    const isDone = checked.get(job.id) === job.state || (refusedChecks.has(job.id) && !isLast);
    if (commit === null || isDone) continue;
    const check = checkOf(job, commit);
    try {
      if (!(await isShown(job, check))) {
        await write(() => checks.put(repository, check));
        written += 1;
      }
    } catch (error) {
      if (!isCheckRefused(error)) throw error;
      if (!refusedChecks.has(job.id)) onRefused(job.id, error);
      refusedChecks.add(job.id);
      isRefused = true;
      continue;
    }
    refusedChecks.delete(job.id);
    checked.set(job.id, job.state);
  }
  return { written, isRefused: isRefused && isLast };
};
