import type { IncomingComment } from '../../chatops/incoming-comment.ts';
import { hadEndedBefore, listThreadJobs } from '../../chatops/job/index.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';
import { backoffDelays, pause } from '../retry.ts';
import { isFollowedByAction, type JobToFollow } from './jobs-to-follow.ts';

/** What lets a waiting job go on, or ends it, is among these; a comment that only has the word costs a look in vain. */
const resumingCommand = /\b(?:approve|reject|unlock|cancel)\b/i;

/** How long the app may take to see to a comment, and what is between two looks whether it has. In milliseconds. */
const maxWaitMilliseconds = 30_000;
const pollDelays = { first: 500, maxDelay: 5_000 };

/**
 * The jobs to follow after a comment that the app answers: those that we have started on the thread, that waited when it was
 * written, and that it moves. Their runs have ended, and the app follows only its own.
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

/** All of these jobs, as they are once any of them goes on, or after a while. */
const waitUntilAnyResumes = async (
  waiting: readonly Job[],
  jobs: Jobs,
  signal: AbortSignal,
): Promise<readonly Job[]> => {
  const endsAt = performance.now() + maxWaitMilliseconds;
  let current = waiting;
  const delays = backoffDelays(pollDelays);
  for (;;) {
    const isOver = signal.aborted || performance.now() >= endsAt;
    if (isOver || current.length === 0 || current.some(({ state }) => state !== 'waiting')) return current;
    await pause(delays.next().value, signal);
    current = await Promise.all(current.map(async (job) => (await jobs.get(job.id)) ?? job));
  }
};
