import {
  WriteRefusedError,
  type CheckRuns,
  type Reaction,
  type Thread,
  type Visibility,
} from '../../chatops/github/ports.ts';
import { finalReactions } from '../../chatops/reply-sync/sync-reply.ts';
import { refreshReply } from '../../chatops/reply/render-reply.ts';
import type { WriteGuard } from '../../chatops/lease/reply-lease.ts';
import type { TrackedReply } from './tracked-reply.ts';
import { postNotices, findUnnoticedJobs } from './notices.ts';

/** GitHub, as far as a reply needs it. */
export type ReplyPorts = { thread: Thread; visibility: Visibility; checks: CheckRuns };

/** What was done to a reply. */
export type ReplyWrite = 'created' | 'edited' | undefined;

export type TrackedSyncResult = {
  written: ReplyWrite;
  /** Jobs whose end was told by a new comment. */
  noticed: number;
  /** How the jobs in the reply ended; undefined while one of them is unfinished. */
  ended: keyof typeof finalReactions | undefined;
  /** The thread accepts no reply. It may still accept a reaction, and the commit a check run. */
  refused?: WriteRefusedError;
  /** A notice was refused, and it is not known whether the thread accepts anything at all. */
  isNoticeOpen?: boolean;
};

/** How a refresh may write. */
export type WriteContext = {
  /** Does work while no other bot writes the reply. */
  alone: <T>(work: (held: WriteGuard) => Promise<T>) => Promise<T>;
  /** Makes a write that counts in the installation's budget. */
  write: <T>(write: () => Promise<T>) => Promise<T>;
  /** Whether to write reactions and check runs even if they seem to exist: for a recently ended job, they may be someone else's. */
  confirm: boolean;
  /** A notice is refused for good; the reply may still be edited. */
  onRefusedNotice: (job: string, cause: Error) => void;
};

/**
 * Brings a reply up to date: creates it if it is missing, edits it if it is outdated, and writes notices of ended jobs before the
 * reply shows their end. Only the current states of the jobs decide what must exist, never earlier writes: the reply may have
 * shown the end from the beginning.
 * @throws the fault of a call; WriteRefusedError if the name now refers to another repository
 */
export const syncTrackedReply = async (
  followed: TrackedReply,
  { thread, visibility }: ReplyPorts,
  writing: WriteContext,
): Promise<TrackedSyncResult> => {
  const { comment, thread: place } = followed.target;
  const isPublic = await visibility.isPublic(place.repository);
  const next = (body: string | undefined) =>
    refreshReply(body, { comment: comment.id, jobs: [...followed.jobs.values()], isPublic });

  const now = next(followed.body);
  const isCurrent = !now.changed && findUnnoticedJobs(followed).length === 0;
  if (isCurrent) return { written: undefined, noticed: 0, ended: now.ended };
  try {
    return await writing.alone((held) => writeReply(followed, thread, { ...writing, next, held }));
  } catch (error) {
    if (!(error instanceof WriteRefusedError)) throw error;
    return { written: undefined, noticed: 0, ended: now.ended, refused: error };
  }
};

type RenderBody = (body: string | undefined) => ReturnType<typeof refreshReply>;

/** Nobody else writes the reply meanwhile; what stands there may be another bot's. */
const writeReply = async (
  followed: TrackedReply,
  thread: Thread,
  { next, held, write, confirm, onRefusedNotice }: WriteContext & { next: RenderBody; held: WriteGuard },
): Promise<TrackedSyncResult> => {
  const reply = await thread.findReply(followed.target.comment);
  const guarded = <T>(made: () => Promise<T>) =>
    write(() => {
      held();
      return made();
    });
  const notices = await postNotices(followed, reply?.id, thread, {
    write: guarded,
    onRefused: onRefusedNotice,
  });
  const noticed = notices.written;
  const { body, changed, ended } = next(reply?.body);
  // The comment has its last reaction, so the reply showed the end: someone has deleted it.
  if (!reply && !confirm && ended && hasReaction(followed, thread, finalReactions[ended]))
    return { written: undefined, noticed, ended };
  try {
    if (!reply) await guarded(() => thread.create(body));
    else if (changed) await guarded(() => thread.edit(reply.id, body));
  } catch (error) {
    // The thread currently accepts nothing; when it does again, it accepts the notices, too.
    if (error instanceof WriteRefusedError) for (const job of notices.refused) followed.noticed.delete(job);
    throw error;
  }
  const written: ReplyWrite = !reply ? 'created' : changed ? 'edited' : undefined;
  followed.body = written ? body : reply?.body;
  // Only an accepted write shows that it is the notices alone that the thread does not accept.
  const isNoticeOpen = !written && notices.refused.length > 0;
  if (isNoticeOpen) for (const job of notices.refused) followed.noticed.delete(job);
  return { written, noticed, ended, isNoticeOpen };
};

/**
 * Adds the last reaction to the comment when all jobs have ended, unless it is known to exist. For a job that ended long ago, any such
 * reaction in the list of comments counts as ours.
 * @throws WriteRefusedError, or the fault of the call
 */
export const addFinalReaction = async (
  followed: TrackedReply,
  { written, ended }: TrackedSyncResult,
  thread: Pick<Thread, 'react' | 'reactionsSeen'>,
  { confirm, write }: Pick<WriteContext, 'confirm' | 'write'>,
): Promise<void> => {
  const reaction = ended && finalReactions[ended];
  if (reaction === undefined || followed.reaction === reaction) return;
  const isThere = !written && !confirm && hasReaction(followed, thread, reaction);
  if (!isThere) await write(() => thread.react(followed.target.comment.id, reaction));
  followed.reaction = reaction;
};

const hasReaction = (
  { target }: TrackedReply,
  thread: Pick<Thread, 'reactionsSeen'>,
  reaction: Reaction,
): boolean => (thread.reactionsSeen(target.comment.id)?.[reaction] ?? 0) > 0;
