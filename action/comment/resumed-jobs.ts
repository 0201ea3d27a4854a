import type { IncomingComment } from '../../chatops/incoming-comment.ts';
import { hadEndedBefore, listThreadJobs } from '../../chatops/job/index.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';
import { exponentialDelay } from '../../runtime/async/backoff.ts';
import { sleep } from '../../runtime/async/clock.ts';
import { isFollowedByAction, type JobToFollow } from './jobs-to-follow.ts';

/** Every command that resumes or ends a waiting job contains one of these words. Other matches only cost one listing. */
const resumingCommand = /\b(?:approve|reject|unlock|cancel)\b/i;

/** How long to wait for the app to handle the comment, in milliseconds. */
const maxWaitMilliseconds = 30_000;
/** The delays between two polls, in milliseconds. */
const pollDelays = { minMilliseconds: 500, maxMilliseconds: 5_000, factor: 1.5 };

/**
 * Returns the jobs to follow after a comment that the app answers: jobs that the Action started on the thread, that were waiting when the
 * comment was written, and that the comment resumed or ended. Their own runs have ended, and the app follows only its own jobs.
 */
export const findJobsResumedByApp = async (
  comment: IncomingComment,
  jobs: Jobs,
  signal: AbortSignal,
): Promise<JobToFollow[]> => {
  if (!resumingCommand.test(comment.comment.body)) return [];
  const waiting = await findJobsWaitingAt(comment, jobs);
  const current = await waitUntilAnyResumes(waiting, jobs, signal);
  const resumed = current.filter(({ state, approvals }) => state !== 'waiting' || approvals.length > 0);
  return resumed.map((job) => ({ job, resumed: true }));
};

const findJobsWaitingAt = async (comment: IncomingComment, jobs: Jobs): Promise<Job[]> => {
  const written = Date.parse(comment.comment.createdAt);
  const hadBegun = ({ startedAt }: Job): boolean => startedAt !== null && Date.parse(startedAt) < written;
  const threadJobs = await listThreadJobs(comment, jobs);
  return threadJobs.filter(
    (job) => isFollowedByAction(job) && !hadBegun(job) && !hadEndedBefore(job, comment),
  );
};

/** Polls until any of the jobs no longer waits, or the time is over. @returns all jobs in their current state */
const waitUntilAnyResumes = async (
  waiting: readonly Job[],
  jobs: Jobs,
  signal: AbortSignal,
): Promise<readonly Job[]> => {
  const endsAt = performance.now() + maxWaitMilliseconds;
  let current = waiting;
  for (let polls = 0; ; polls += 1) {
    const isOver = signal.aborted || performance.now() >= endsAt;
    if (isOver || current.length === 0 || current.some(({ state }) => state !== 'waiting')) return current;
    await sleep(exponentialDelay(polls, pollDelays), { signal });
    current = await Promise.all(current.map(async (job) => (await jobs.get(job.id)) ?? job));
  }
};
