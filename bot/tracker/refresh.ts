import type { Checks, Thread, Visibility } from '../../chatops/github/port.ts';
import { endReaction } from '../../chatops/follow/refreshing.ts';
import { refreshReply } from '../../chatops/reply/index.ts';
import type { Held } from '../../chatops/lease/reply-lease.ts';
import type { Followed } from './followed.ts';
import { tellEnds, untold } from './notices.ts';

/** GitHub, as far as a reply needs it. */
export type ReplyPorts = { thread: Thread; visibility: Visibility; checks: Checks };

/** What was done to a reply. */
export type Written = 'created' | 'edited' | undefined;

export type Refreshed = {
  written: Written;
  /** Jobs whose end was told by a new comment. */
  noticed: number;
  /** Whether all its jobs have ended. */
  ended: boolean;
};

/** How a refresh may write. */
export type Writing = {
  /** Does work while no other bot writes the reply. */
  alone: <T>(work: (held: Held) => Promise<T>) => Promise<T>;
  /** Makes a write that counts in the installation's budget. */
  write: <T>(write: () => Promise<T>) => Promise<T>;
  /** Give the last reaction even if there was nothing to write: it may have been lost after the last edit. */
  confirm: boolean;
  /** A notice is refused for good; the reply may still be edited. */
  onRefusedNotice: (job: string, cause: Error) => void;
};

/**
 * Brings a reply up to date: creates it if it is missing, edits it if it shows something else, tells of ended jobs by a notice
 * before the reply shows their end, and gives the comment its last reaction once all has ended and is shown.
 */
export const refresh = async (
  followed: Followed,
  ports: ReplyPorts,
  writing: Writing,
): Promise<Refreshed> => {
  const { comment, thread } = followed.target;
  const isPublic = await ports.visibility.isPublic(thread.repository);
  const next = (body: string | undefined) =>
    refreshReply(body, { comment: comment.id, jobs: [...followed.jobs.values()], isPublic });

  const now = next(followed.body);
  const isCurrent = !now.changed && untold(followed).length === 0;
  const done = isCurrent
    ? { written: undefined, noticed: 0, ended: now.ended }
    : await writing.alone((held) => bring(followed, ports.thread, { ...writing, next, held }));
  if (done.ended && (done.written || writing.confirm))
    await ports.thread.react(comment.id, endReaction[done.ended]);
  return { ...done, ended: done.ended !== undefined };
};

type Next = (body: string | undefined) => ReturnType<typeof refreshReply>;

/** Nobody else writes the reply meanwhile; what stands there may be another bot's. */
const bring = async (
  followed: Followed,
  thread: Thread,
  { next, held, write, onRefusedNotice }: Writing & { next: Next; held: Held },
) => {
  const reply = await thread.findReply(followed.target.comment);
  const guarded = <T>(made: () => Promise<T>) =>
    write(() => {
      held();
      return made();
    });
  const noticed = await tellEnds(followed, reply?.id, thread, { write: guarded, onRefused: onRefusedNotice });
  const { body, changed, ended } = next(reply?.body);
  if (!reply) await guarded(() => thread.create(body));
  else if (changed) await guarded(() => thread.edit(reply.id, body));
  const written: Written = !reply ? 'created' : changed ? 'edited' : undefined;
  followed.body = written ? body : reply?.body;
  return { written, noticed, ended };
};
