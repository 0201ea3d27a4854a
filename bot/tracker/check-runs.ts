import { toCheckRun, isCheckRunRefused } from '../../chatops/reply-sync/check-run.ts';
import type { CheckRun, CheckRuns } from '../../chatops/github/ports.ts';
import { parseNotes } from '../../chatops/job/notes.ts';
import { isLive } from '../../compute/client/job-watch.ts';
import type { Job } from '../../compute/client/index.ts';
import { haveAllEnded, type TrackedReply } from './tracked-reply.ts';

type CheckRunWriting = {
  write: (write: () => Promise<void>) => Promise<void>;
  /** Whether to write check runs of jobs that had ended when they were first seen; otherwise GitHub is asked first what they show. */
  confirm: boolean;
  /** Called when GitHub refuses a check run. The job continues without it. */
  onRefused: (job: string, cause: unknown) => void;
};

/**
 * Updates the check runs of jobs whose current state is not known to be shown. A refused check run is retried when all jobs have
 * ended.
 * @returns how many were written, and whether any was refused
 */
export const updateCheckRuns = async (
  tracked: TrackedReply,
  checks: CheckRuns,
  { write, confirm, onRefused }: CheckRunWriting,
): Promise<{ written: number; isRefused: boolean }> => {
  const { jobs, shownCheckStates: checked, refusedChecks } = tracked;
  const { repository } = tracked.target.thread;
  const isLast = haveAllEnded(tracked);
  const isShown = async (job: Job, check: CheckRun): Promise<boolean> =>
    !isLive(job) && !checked.has(job.id) && !confirm && checks.isUpToDate(repository, check);
  let written = 0;
  let isRefused = false;
  for (const job of jobs.values()) {
    const commit = parseNotes(job.origin).check;
    const isDone = checked.get(job.id) === job.state || (refusedChecks.has(job.id) && !isLast);
    if (commit === null || isDone) continue;
    const check = toCheckRun(job, commit);
    try {
      if (!(await isShown(job, check))) {
        await write(() => checks.put(repository, check));
        written += 1;
      }
    } catch (error) {
      if (!isCheckRunRefused(error)) throw error;
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
