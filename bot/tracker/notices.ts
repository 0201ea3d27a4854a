import { WriteRefused, type Thread } from '../../chatops/github/port.ts';
import { notesOf } from '../../chatops/job/notes.ts';
import { notice, shouldNotify } from '../../chatops/reply/index.ts';
import type { Job } from '../../compute/client/index.ts';
import type { Followed } from './followed.ts';
import { isLive } from '../../compute/client/job-watch.ts';

/** The orchestrator's clock may be ahead of GitHub's, in milliseconds. */
const clockMargin = 600_000;

type Ended = Job & { endedAt: string };

/** Jobs whose end is worth a notice, and may not have been told yet. */
export const untold = ({ jobs, told }: Followed): Ended[] =>
  [...jobs.values()].filter(
    (job): job is Ended =>
      !isLive(job) && job.endedAt !== null && !told.has(job.id) && shouldNotify(job, notesOf(job.origin)),
  );

type Telling = {
  write: <T>(write: () => Promise<T>) => Promise<T>;
  onRefused: (job: string, cause: Error) => void;
};

/**
 * Tells of each ended job by one new comment, unless it is there: an edit of the reply notifies nobody. A notice that is
 * refused for good is done with, for a full thread still takes edits.
 * @param reply the id of the reply, if there is one
 * @return how many were written
 */
export const tellEnds = async (
  followed: Followed,
  reply: number | undefined,
  thread: Thread,
  { write, onRefused }: Telling,
): Promise<number> => {
  let written = 0;
  for (const job of untold(followed)) {
    const since = new Date(Date.parse(job.endedAt) - clockMargin).toISOString();
    if (!(await thread.findOurs(since, (marker) => marker.notice === job.id))) {
      const body = notice(job, { login: job.origin.sender ?? '', ...(reply === undefined ? {} : { reply }) });
      try {
        await write(() => thread.create(body));
        written += 1;
      } catch (error) {
        if (!(error instanceof WriteRefused)) throw error;
        onRefused(job.id, error);
      }
    }
    followed.told.add(job.id);
  }
  return written;
};
