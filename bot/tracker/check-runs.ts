import { checkOf, isCheckRefused } from '../../chatops/follow/job-check.ts';
import type { Checks } from '../../chatops/github/port.ts';
import { notesOf } from '../../chatops/job/notes.ts';
import { isLive } from '../../compute/client/job-watch.ts';
import type { Followed } from './followed.ts';

export type CheckWriting = {
  write: (write: () => Promise<void>) => Promise<void>;
  /** Also those of jobs that had ended when they were first seen: their checks may have been lost. */
  confirm: boolean;
  /** A check run is not for us to write; the job goes on without. */
  onRefused: (job: string, cause: unknown) => void;
};

/** Brings up to date the check runs of those jobs whose state is not shown yet. @return how many were written */
export const putChecks = async (
  { jobs, checked, target }: Followed,
  checks: Checks,
  { write, confirm, onRefused }: CheckWriting,
): Promise<number> => {
  let written = 0;
  for (const job of jobs.values()) {
    const commit = notesOf(job.origin).check;
    const isDue = isLive(job) || checked.has(job.id) || confirm;
    if (commit === null || checked.get(job.id) === job.state || !isDue) continue;
    try {
      await write(() => checks.put(target.thread.repository, checkOf(job, commit)));
      written += 1;
    } catch (error) {
      // A rate limit is told before.
      if (!isCheckRefused(error)) throw error;
      if (!checked.has(job.id)) onRefused(job.id, error);
    }
    checked.set(job.id, job.state);
  }
  return written;
};
