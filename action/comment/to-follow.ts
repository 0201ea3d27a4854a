import type { Turn } from '../../chatops/conversation.ts';
import type { IncomingComment } from '../../chatops/github/port.ts';
import { endedBefore } from '../../chatops/job/index.ts';
import { isTooOld } from '../../chatops/late.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';

/** A job that a comment's run follows. `moved`: it is an earlier comment's, and goes on or ends by this one. */
export type ToFollow = { job: Job; moved: boolean };

/**
 * The jobs to follow: those of the comment, and those of earlier ones that it lets go on, or ends: their runs ended when they
 * began to wait.
 */
export const jobsToFollow = async (
  turn: Turn | undefined,
  comment: IncomingComment,
  jobs: Pick<Jobs, 'get' | 'page'>,
): Promise<ToFollow[]> => {
  const started = (turn?.sections ?? []).flatMap((section) => (section.kind === 'job' ? [section.job] : []));
  const own = isTooOld(comment) ? await earlier(comment, jobs) : started;
  const ids = new Set(own.map(({ id }) => id));
  const others = (await moved(turn, comment, jobs)).filter(({ id }) => !ids.has(id));
  return [
    ...own.map((job) => ({ job, moved: false })),
    ...others.map((job) => ({ job, moved: true })),
  ].filter(({ job }) => isFollowedHere(job));
};

const onThreadOf = async ({ thread }: IncomingComment, jobs: Pick<Jobs, 'page'>): Promise<Job[]> =>
  (await jobs.page({ thread: `${thread.repository.id}/${thread.number}`, top: 500 })).jobs;

/** Of a comment that comes so late nothing is started any more: it may have jobs from when it came first. */
const earlier = async (comment: IncomingComment, jobs: Pick<Jobs, 'page'>): Promise<Job[]> =>
  (await onThreadOf(comment, jobs)).filter(({ origin }) => origin.comment?.id === comment.comment.id);

/** Where it is not known any more which jobs were moved, it may be any of the thread that had not ended before. */
const moved = async (
  turn: Turn | undefined,
  comment: IncomingComment,
  jobs: Pick<Jobs, 'get' | 'page'>,
): Promise<Job[]> => {
  if (!turn) return [];
  if (!turn.moves) return (await onThreadOf(comment, jobs)).filter((job) => !endedBefore(job, comment));
  const found = await Promise.all(turn.moves.map((id) => jobs.get(id)));
  return found.filter((job) => job !== undefined);
};

/** Jobs that came from no comment follow their own run; those that an app started, the app. */
export const isFollowedHere = ({ origin }: Job): boolean =>
  origin.comment !== undefined && origin.installation === undefined;
