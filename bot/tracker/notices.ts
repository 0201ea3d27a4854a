import { needsNotice, postCompletionNotice } from '../../chatops/reply-sync/completion-notice.ts';
import { WriteRefusedError, type Thread } from '../../chatops/github/ports.ts';
import type { TrackedReply } from './tracked-reply.ts';

/** Jobs whose end is worth a notice, and may not have been told yet. */
export const findUnnoticedJobs = ({ jobs, noticed: told }: TrackedReply) =>
  [...jobs.values()].filter(needsNotice).filter(({ id }) => !told.has(id));

type NoticeWriting = {
  write: <T>(write: () => Promise<T>) => Promise<T>;
  onRefused: (job: string, cause: Error) => void;
};

/**
 * Writes one notice for each ended job, unless it exists. If a notice is refused but a write of the reply is accepted, the notice is given
 * up: a full thread still accepts edits.
 * @param reply the id of the reply, if there is one
 * @return how many were written, and the jobs whose notices were refused
 */
export const postNotices = async (
  followed: TrackedReply,
  reply: number | undefined,
  thread: Thread,
  { write, onRefused }: NoticeWriting,
): Promise<{ written: number; refused: string[] }> => {
  const metered = { ...thread, create: (body: string) => write(() => thread.create(body)) };
  let written = 0;
  const refused: string[] = [];
  for (const job of findUnnoticedJobs(followed)) {
    try {
      written += Number(await postCompletionNotice(job, reply, metered));
    } catch (error) {
      if (!(error instanceof WriteRefusedError)) throw error;
      onRefused(job.id, error);
      refused.push(job.id);
    }
    followed.noticed.add(job.id);
  }
  return { written, refused };
};
