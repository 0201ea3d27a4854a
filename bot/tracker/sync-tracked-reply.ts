import { parseCommentId } from '../../contracts/comment-id.ts';
import { needsNotice, postCompletionNotice } from '../../chatops/reply-sync/completion-notice.ts';
import { finalReactions, writeReply, type ReplyWrite } from '../../chatops/reply-sync/sync-reply.ts';
import { createFencedThread } from '../../chatops/reply-sync/fenced-thread.ts';
import {
  WriteRefusedError,
  type CheckRuns,
  type Reaction,
  type Thread,
  type Visibility,
} from '../../chatops/github/ports.ts';
import type { WriteGuard } from '../../chatops/lease/reply-lease.ts';
import { refreshReply } from '../../chatops/reply/render-reply.ts';
import { listJobsWithLastLines } from './last-lines.ts';
import type { TrackedReply } from './tracked-reply.ts';

/** The GitHub ports that a reply needs. */
export type ReplyPorts = { thread: Thread; visibility: Visibility; checks: CheckRuns };

export type TrackedSyncResult = {
  written: ReplyWrite;
  /** The number of notices that were posted. */
  noticed: number;
  /** How the jobs in the reply ended; undefined while one of them is unfinished. */
  ended: keyof typeof finalReactions | undefined;
  /** The thread accepts no reply. It may still accept a reaction, and the commit a check run. */
  refused?: WriteRefusedError;
  /** A notice was refused, and it is not known whether the thread accepts anything at all. */
  isNoticeOpen?: boolean;
};

/** How a reply is written. */
export type WriteContext = {
  /** Runs work while no other process writes the reply. */
  withReplyLease: <T>(work: (fence: WriteGuard) => Promise<T>) => Promise<T>;
  /** Makes a write that counts in the installation's budget. */
  write: <T>(write: () => Promise<T>) => Promise<T>;
  /** Whether to write reactions and check runs even if they seem to exist: for a recently ended job, they may be someone else's. */
  confirm: boolean;
  /** Called when GitHub refuses a notice. It may still accept edits of the reply. */
  onRefusedNotice: (job: string, cause: Error) => void;
};

/**
 * Updates a tracked reply: creates it if it is missing, edits it if it is outdated, and posts notices of ended jobs before the
 * reply shows their end. Only the current states of the jobs decide what must exist, never earlier writes: the reply may have
 * shown the end from the beginning.
 * @throws the fault of a call; WriteRefusedError if the name now refers to another repository
 */
export const syncTrackedReply = async (
  tracked: TrackedReply,
  { thread, visibility }: ReplyPorts,
  writing: WriteContext,
): Promise<TrackedSyncResult> => {
  const { comment, thread: target } = tracked.target;
  const isPublic = await visibility.isPublic(target.repository);
  const next = (body: string | undefined) =>
    refreshReply(body, { comment: comment.id, jobs: listJobsWithLastLines(tracked), isPublic });

  const now = next(tracked.body);
  const isCurrent = !now.changed && findUnnoticedJobs(tracked).length === 0;
  if (isCurrent) return { written: undefined, noticed: 0, ended: now.ended };
  try {
    return await writing.withReplyLease((fence) =>
      writeTrackedReply(tracked, thread, { ...writing, next, fence }),
    );
  } catch (error) {
    if (!(error instanceof WriteRefusedError)) throw error;
    return { written: undefined, noticed: 0, ended: now.ended, refused: error };
  }
};

type RenderBody = (body: string | undefined) => ReturnType<typeof refreshReply>;

/** Writes the reply under its lease. It is read again first, because another bot may have written it. */
const writeTrackedReply = async (
  tracked: TrackedReply,
  thread: Thread,
  { next, fence, write, confirm, onRefusedNotice }: WriteContext & { next: RenderBody; fence: WriteGuard },
): Promise<TrackedSyncResult> => {
  const reply = await thread.findReply(tracked.target.comment);
  const guarded = createFencedThread(thread, { fence, budget: { write } });
  const notices = await postNotices(tracked, reply?.id, guarded, onRefusedNotice);
  const noticed = notices.written;
  const rendered = next(reply?.body);
  const { body, ended } = rendered;
  // The comment has its last reaction, so the reply showed the end: someone has deleted it.
  if (!reply && !confirm && ended && hasReaction(tracked, thread, finalReactions[ended]))
    return { written: undefined, noticed, ended };
  let written: ReplyWrite;
  try {
    ({ written } = await writeReply(guarded, reply, rendered));
  } catch (error) {
    // The thread currently accepts nothing; when it does again, it accepts the notices, too.
    if (error instanceof WriteRefusedError) for (const job of notices.refused) tracked.noticed.delete(job);
    throw error;
  }
  tracked.body = written ? body : reply?.body;
  // Only an accepted write shows that it is the notices alone that the thread does not accept.
  const isNoticeOpen = !written && notices.refused.length > 0;
  if (isNoticeOpen) for (const job of notices.refused) tracked.noticed.delete(job);
  return { written, noticed, ended, isNoticeOpen };
};

/** Returns the ended jobs that need a notice, and may not have one yet. */
const findUnnoticedJobs = ({ jobs, noticed }: TrackedReply) =>
  [...jobs.values()].filter(needsNotice).filter(({ id }) => !noticed.has(id));

/**
 * Writes one notice for each ended job, unless it exists. If GitHub refuses a notice but accepts a write of the reply, the notice is
 * given up: a full thread still accepts edits.
 * @param reply the id of the reply, if there is one
 * @returns how many were written, and the jobs whose notices were refused
 */
const postNotices = async (
  tracked: TrackedReply,
  reply: number | undefined,
  thread: Thread,
  onRefused: WriteContext['onRefusedNotice'],
): Promise<{ written: number; refused: string[] }> => {
  let written = 0;
  const refused: string[] = [];
  for (const job of findUnnoticedJobs(tracked)) {
    try {
      written += Number(await postCompletionNotice(job, reply, thread));
    } catch (error) {
      if (!(error instanceof WriteRefusedError)) throw error;
      onRefused(job.id, error);
      refused.push(job.id);
    }
    tracked.noticed.add(job.id);
  }
  return { written, refused };
};

/**
 * Adds the last reaction to the comment when all jobs have ended, unless it is known to exist. For a job that ended long ago, any such
 * reaction in the list of comments counts as ours.
 * @throws WriteRefusedError, or the fault of the call
 */
export const addFinalReaction = async (
  tracked: TrackedReply,
  { written, ended }: TrackedSyncResult,
  thread: Pick<Thread, 'react' | 'getCachedReactions'>,
  { confirm, write }: Pick<WriteContext, 'confirm' | 'write'>,
): Promise<void> => {
  const reaction = ended && finalReactions[ended];
  if (reaction === undefined || tracked.reaction === reaction) return;
  // A review has no reactions, so there is no write to spend on one.
  if (parseCommentId(tracked.target.comment.id).kind === 'pull_request_review') return;
  const isThere = !written && !confirm && hasReaction(tracked, thread, reaction);
  if (!isThere) await write(() => thread.react(tracked.target.comment.id, reaction));
  tracked.reaction = reaction;
};

const hasReaction = (
  { target }: TrackedReply,
  thread: Pick<Thread, 'getCachedReactions'>,
  reaction: Reaction,
): boolean => (thread.getCachedReactions(target.comment.id)?.[reaction] ?? 0) > 0;
