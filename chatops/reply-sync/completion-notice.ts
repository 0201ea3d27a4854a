import type { Job } from '../../compute/client/index.ts';
import type { Thread } from '../github/ports.ts';
import { notesOf } from '../job/notes.ts';
import { notice, shouldNotify } from '../reply/render-reply.ts';

/** The orchestrator's clock may be ahead of GitHub's, in milliseconds. */
const clockMargin = 600_000;

type Ended = Job & { endedAt: string };

/** Whether a job has ended in a way that is worth a notice. */
export const isWorthNotice = (job: Job): job is Ended =>
  job.endedAt !== null && shouldNotify(job, notesOf(job.origin));

/**
 * Tells of a job's end by a new comment, unless it is there: an edit of the reply notifies nobody.
 * @param reply the id of the reply, if there is one
 * @returns whether it was written now
 * @throws WriteRefused, or the fault of a call
 */
export const tellEnd = async (
  job: Ended,
  reply: number | undefined,
  thread: Pick<Thread, 'findOurs' | 'create'>,
): Promise<boolean> => {
  const since = new Date(Date.parse(job.endedAt) - clockMargin).toISOString();
  if (await thread.findOurs(since, (marker) => marker.notice === job.id)) return false;
  await thread.create(
    notice(job, { login: job.origin.sender ?? '', ...(reply === undefined ? {} : { reply }) }),
  );
  return true;
};
