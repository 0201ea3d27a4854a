import { isWorthNotice, tellEnd } from '../../chatops/reply-sync/completion-notice.ts';
import { WriteRefused, type Thread } from '../../chatops/github/ports.ts';
import type { Followed } from './tracked-reply.ts';

/** Jobs whose end is worth a notice, and may not have been told yet. */
export const untold = ({ jobs, told }: Followed) =>
  [...jobs.values()].filter(isWorthNotice).filter(({ id }) => !told.has(id));

type Telling = {
  write: <T>(write: () => Promise<T>) => Promise<T>;
  onRefused: (job: string, cause: Error) => void;
};

/**
 * Writes one notice for each ended job, unless it exists. If a notice is refused but a write of the reply is accepted, the notice is given
 * up: a full thread still accepts edits.
 * @param reply the id of the reply, if there is one
 * @return how many were written, and the jobs whose notices were refused
 */
export const tellEnds = async (
  followed: Followed,
  reply: number | undefined,
  thread: Thread,
  { write, onRefused }: Telling,
): Promise<{ written: number; refused: string[] }> => {
  const metered = { ...thread, create: (body: string) => write(() => thread.create(body)) };
  let written = 0;
  const refused: string[] = [];
  for (const job of untold(followed)) {
    try {
      written += Number(await tellEnd(job, reply, metered));
    } catch (error) {
      if (!(error instanceof WriteRefused)) throw error;
      onRefused(job.id, error);
      refused.push(job.id);
    }
    followed.told.add(job.id);
  }
  return { written, refused };
};
