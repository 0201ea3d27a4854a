import { WriteRefused, type Check, type Checks } from '../../chatops/github/port.ts';
import { statusOf } from '../../chatops/github/octokit.ts';
import { notesOf } from '../../chatops/job/notes.ts';
import type { Job, JobState } from '../../compute/client/index.ts';
import type { Followed } from './followed.ts';
import { isLive } from '../../compute/client/job-watch.ts';

const conclusions = {
  queued: null,
  waiting: null,
  running: null,
  completed: 'success',
  'completed-with-failures': 'failure',
  failed: 'failure',
  canceled: 'cancelled',
  'timed-out': 'timed_out',
} as const satisfies Record<JobState, Check['conclusion']>;

/** The check run of a commit that shows a job. */
const checkOf = (job: Job, commit: string): Check => ({
  name: `coxswain: ${subjectOf(job)}`,
  commit,
  conclusion: conclusions[job.state],
  title: [job.state, ...(job.reason === null ? [] : [job.reason])].join(': ').replaceAll('-', ' '),
  summary: [`Job \`${job.id}\`. The reply to the comment that asked for it says more.`, countsOf(job)].join(
    ' ',
  ),
  annotations: [],
  externalId: job.id,
});

/** Without parameters: the name is what tells a check from others. */
const subjectOf = ({ kind, request }: Job): string =>
  kind === 'task' && typeof request['taskName'] === 'string' ? request['taskName'] : kind;

const countsOf = ({ progress }: Job): string =>
  progress === null ? '' : `Done: ${progress.done} of ${progress.total}, failed: ${progress.failed}.`;

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
      if (!isFinal(error)) throw error;
      if (!checked.has(job.id)) onRefused(job.id, error);
    }
    checked.set(job.id, job.state);
  }
  return written;
};

/** Not permitted, a repository or a commit that is gone, or one that takes no checks. A rate limit is told before. */
const isFinal = (error: unknown): boolean =>
  error instanceof WriteRefused || [403, 404, 410, 422].includes(statusOf(error) ?? 0);
