import { getRequestComment } from '../../contracts/origin.ts';
import type { CommentResult } from '../../chatops/handle-comment.ts';
import { type IncomingComment, isTooOld } from '../../chatops/incoming-comment.ts';
import { hadEndedBefore, isFollowedBy, listCommentJobs, listThreadJobs } from '../../chatops/job/index.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';

/** A job that a comment's run follows. `resumed`: an earlier comment started it, and this comment resumed or ended it. */
export type JobToFollow = { job: Job; resumed: boolean };

/**
 * Returns the jobs to follow: the jobs that the comment started, and the jobs of earlier comments that it resumed or ended. The runs of
 * the earlier comments ended when their jobs started to wait.
 */
export const selectJobsToFollow = async (
  result: CommentResult | undefined,
  comment: IncomingComment,
  jobs: Pick<Jobs, 'get' | 'page'>,
): Promise<JobToFollow[]> => {
  const started = (result?.sections ?? []).flatMap((section) =>
    section.kind === 'job' ? [section.job] : [],
  );
  // A comment that is too old starts nothing, but an earlier run may have started jobs for it.
  const own = isTooOld(comment) ? await listCommentJobs(comment, jobs) : started;
  const ids = new Set(own.map(({ id }) => id));
  const others = (await findResumedJobs(result, comment, jobs)).filter(({ id }) => !ids.has(id));
  return [
    ...own.map((job) => ({ job, resumed: false })),
    ...others.map((job) => ({ job, resumed: true })),
  ].filter(({ job }) => isFollowedByAction(job));
};

/** If it is unknown which jobs the comment resumed, returns all jobs of the thread that had not ended before it. */
const findResumedJobs = async (
  result: CommentResult | undefined,
  comment: IncomingComment,
  jobs: Pick<Jobs, 'get' | 'page'>,
): Promise<Job[]> => {
  if (!result) return [];
  if (!result.moves)
    return (await listThreadJobs(comment, jobs)).filter((job) => !hadEndedBefore(job, comment));
  const found = await Promise.all(result.moves.map((id) => jobs.get(id)));
  return found.filter((job) => job !== undefined);
};

/**
 * Returns whether runs on comments follow the job. The run that started a job without a comment follows it itself; the app follows the
 * jobs that it started; for jobs that other keys started, the comment is only a claim.
 */
export const isFollowedByAction = (job: Job): boolean =>
  getRequestComment(job.origin) !== undefined &&
  job.origin.installation === undefined &&
  isFollowedBy(job, 'action');
