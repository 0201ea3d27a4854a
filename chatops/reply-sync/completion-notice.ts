import type { Job } from '../../compute/client/index.ts';
import type { Thread } from '../github/ports.ts';
import { parseNotes } from '../job/notes.ts';
import { renderNotice, shouldNotify } from '../reply/render-reply.ts';

/** The orchestrator's clock may be ahead of GitHub's, in milliseconds. */
const clockMarginMilliseconds = 600_000;

type EndedJob = Job & { endedAt: string };

/** Returns whether a job has ended and its policy requires a notice. */
export const needsNotice = (job: Job): job is EndedJob =>
  job.endedAt !== null && shouldNotify(job, parseNotes(job.origin));

/**
 * Posts a new comment about a job's end, unless it exists. An edit of the reply would notify nobody.
 * @param reply the id of the reply, if there is one
 * @returns whether it was written now
 * @throws WriteRefusedError, or the fault of a call
 */
export const postCompletionNotice = async (
  job: EndedJob,
  reply: number | undefined,
  thread: Pick<Thread, 'findOwnComment' | 'create'>,
): Promise<boolean> => {
  const since = new Date(Date.parse(job.endedAt) - clockMarginMilliseconds).toISOString();
  if (await thread.findOwnComment(since, (marker) => marker.notice === job.id)) return false;
  await thread.create(
    renderNotice(job, { login: job.origin.sender ?? '', ...(reply === undefined ? {} : { reply }) }),
  );
  return true;
};
