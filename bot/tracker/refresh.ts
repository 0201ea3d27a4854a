import type { Thread, Visibility } from '../../chatops/github/port.ts';
import { refreshReply } from '../../chatops/reply/index.ts';
import type { Followed } from './followed.ts';

export type ReplyPorts = { thread: Thread; visibility: Visibility };

/** What was done to a reply, and whether all its jobs have ended. */
export type Refreshed = { written: 'created' | 'edited' | undefined; ended: boolean };

const endReaction = { well: 'rocket', badly: 'confused' } as const;

/**
 * Brings a reply up to date: creates it if it is missing, edits it if it shows something else, and gives the comment its
 * last reaction once all has ended and is shown.
 * @param confirm give the last reaction even if there was nothing to write: it may have been lost after the last edit
 */
export const refresh = async (
  followed: Followed,
  ports: ReplyPorts,
  confirm: boolean,
): Promise<Refreshed> => {
  const { thread, visibility } = ports;
  const { comment } = followed.target;
  const isPublic = await visibility.isPublic(followed.target.thread.repository);
  const next = (body: string | undefined) =>
    refreshReply(body, { comment: comment.id, jobs: [...followed.jobs.values()], isPublic });

  let { changed, ended } = next(followed.body);
  let written: Refreshed['written'];
  if (changed) {
    const reply = await thread.findReply(comment);
    const { body, ...news } = next(reply?.body);
    ({ changed, ended } = news);
    if (!reply) await thread.create(body);
    else if (changed) await thread.edit(reply.id, body);
    written = !reply ? 'created' : changed ? 'edited' : undefined;
    followed.body = written ? body : reply?.body;
  }
  if (ended && (written || confirm)) await thread.react(comment.id, endReaction[ended]);
  return { written, ended: ended !== undefined };
};
