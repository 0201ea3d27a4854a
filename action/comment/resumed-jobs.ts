import type { IncomingComment } from '../../chatops/github/ports.ts';
import { endedBefore, jobsOfThread } from '../../chatops/job/index.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';
import { growing, pause } from '../retry.ts';
import { isFollowedHere, type ToFollow } from './jobs-to-follow.ts';

/** What lets a waiting job go on, or ends it, is among these; a comment that only has the word costs a look in vain. */
const moving = /\b(?:approve|reject|unlock|cancel)\b/i;

/** How long the app may take to see to a comment, and what is between two looks whether it has. In milliseconds. */
const patience = 30_000;
const betweenLooks = { first: 500, longest: 5_000 };

/**
 * The jobs to follow after a comment that the app answers: those that we have started on the thread, that waited when it was
 * written, and that it moves. Their runs have ended, and the app follows only its own.
 */
export const movedByApp = async (
  comment: IncomingComment,
  jobs: Jobs,
  stop: AbortSignal,
): Promise<ToFollow[]> => {
  if (!moving.test(comment.comment.body)) return [];
  const waited = await waitedAt(comment, jobs);
  const now = await onceAnyGoesOn(waited, jobs, stop);
  const moved = now.filter(({ state, approvals }) => state !== 'waiting' || approvals.length > 0);
  return moved.map((job) => ({ job, moved: true }));
};

const waitedAt = async (comment: IncomingComment, jobs: Jobs): Promise<Job[]> => {
  const written = Date.parse(comment.comment.createdAt);
  const hadBegun = ({ startedAt }: Job): boolean => startedAt !== null && Date.parse(startedAt) < written;
  const before = await jobsOfThread(comment, jobs);
  return before.filter((job) => isFollowedHere(job) && !hadBegun(job) && !endedBefore(job, comment));
};

/** All of these jobs, as they are once any of them goes on, or after a while. */
const onceAnyGoesOn = async (
  waited: readonly Job[],
  jobs: Jobs,
  stop: AbortSignal,
): Promise<readonly Job[]> => {
  const leave = performance.now() + patience;
  let now = waited;
  const pauses = growing(betweenLooks);
  for (;;) {
    const isOver = stop.aborted || performance.now() >= leave;
    if (isOver || now.length === 0 || now.some(({ state }) => state !== 'waiting')) return now;
    await pause(pauses.next().value, stop);
    now = await Promise.all(now.map(async (job) => (await jobs.get(job.id)) ?? job));
  }
};
