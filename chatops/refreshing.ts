import type { Job } from '../compute/client/index.ts';
import type { IncomingComment, Thread, Visibility } from './github/port.ts';
import { refreshReply } from './reply/index.ts';

/** What a reply came to: whether all its jobs have ended, and what was written. */
export type Refreshed = { ended: 'well' | 'badly' | undefined; written: 'created' | 'edited' | undefined };

/** What a comment gets once all its jobs have ended. */
export const endReaction = { well: 'rocket', badly: 'confused' } as const;

/**
 * Brings the reply to a comment up to date with its jobs: creates it if it is missing, edits it if it shows something else, and gives
 * the comment its last reaction once all of them have ended. For who follows a comment alone, and writes seldom.
 */
export const bringUpToDate = async (
  { comment, thread: { repository } }: IncomingComment,
  jobs: readonly Job[],
  { thread, visibility }: { thread: Thread; visibility: Visibility },
): Promise<Refreshed> => {
  const [isPublic, reply] = await Promise.all([visibility.isPublic(repository), thread.findReply(comment)]);
  const { body, changed, ended } = refreshReply(reply?.body, { comment: comment.id, jobs, isPublic });
  if (!reply) await thread.create(body);
  else if (changed) await thread.edit(reply.id, body);
  if (ended) await thread.react(comment.id, endReaction[ended]);
  return { ended, written: !reply ? 'created' : changed ? 'edited' : undefined };
};
