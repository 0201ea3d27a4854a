import type { CommentResult } from '../../chatops/handle-comment.ts';
import type { IncomingComment } from '../../chatops/incoming-comment.ts';
import { hadEndedBefore, isFollowedBy, listCommentJobs, listThreadJobs } from '../../chatops/job/index.ts';
import { isTooOld } from '../../chatops/late.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';

/** A job that a comment's run follows. `resumed`: it is an earlier comment's, and goes on or ends by this one. */
export type JobToFollow = { job: Job; resumed: boolean };

/**
 * The jobs to follow: those of the comment, and those of earlier ones that it lets go on, or ends: their runs ended when they
 * began to wait.
 */
export const selectJobsToFollow = async (
  turn: CommentResult | undefined,
  comment: IncomingComment,
  jobs: Pick<Jobs, 'get' | 'page'>,
): Promise<JobToFollow[]> => {
  const started = (turn?.sections ?? []).flatMap((section) => (section.kind === 'job' ? [section.job] : []));
  // Of a comment that comes too late nothing is started any more: it may have jobs from when it came first.
  const own = isTooOld(comment) ? await listCommentJobs(comment, jobs) : started;
  const ids = new Set(own.map(({ id }) => id));
  const others = (await findResumedJobs(turn, comment, jobs)).filter(({ id }) => !ids.has(id));
  return [
    ...own.map((job) => ({ job, resumed: false })),
    ...others.map((job) => ({ job, resumed: true })),
  ].filter(({ job }) => isFollowedByAction(job));
};

/** Where it is not known any more which jobs were moved, it may be any of the thread that had not ended before. */
const findResumedJobs = async (
  turn: CommentResult | undefined,
  comment: IncomingComment,
  jobs: Pick<Jobs, 'get' | 'page'>,
): Promise<Job[]> => {
  if (!turn) return [];
  if (!turn.moves)
    return (await listThreadJobs(comment, jobs)).filter((job) => !hadEndedBefore(job, comment));
  const found = await Promise.all(turn.moves.map((id) => jobs.get(id)));
  return found.filter((job) => job !== undefined);
};

/**
 * Jobs without a comment are followed by their own run, and jobs that an app started by the app. For jobs that other keys started, the
 * comment is only a claim.
 */
export const isFollowedByAction = (job: Job): boolean =>
  job.origin.comment !== undefined && job.origin.installation === undefined && isFollowedBy(job, 'action');
