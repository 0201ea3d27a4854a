import type { CommentId } from '../../contracts/comment-id.ts';
import type { Job } from '../../compute/client/index.ts';
import {
  ignoreRefusedWrite,
  WriteRefusedError,
  type CheckRuns,
  type PostedReply,
  type Thread,
  type Visibility,
} from '../github/ports.ts';
import type { ThreadRef } from '../incoming-comment.ts';
import { toCheckRun, isCheckRunRefused } from './check-run.ts';
import { parseNotes } from '../job/notes.ts';
import { needsNotice, postCompletionNotice } from './completion-notice.ts';
import { refreshReply, readJobStates, type RenderedReply } from '../reply/render-reply.ts';

/** How a reply was written; undefined if it already showed everything. */
export type ReplyWrite = 'created' | 'edited' | undefined;

/** Creates a reply, or edits the existing one if the rendered reply shows something else. */
export const writeReply = async (
  thread: Pick<Thread, 'create' | 'edit'>,
  existing: PostedReply | undefined,
  { body, changed }: Pick<RenderedReply, 'body' | 'changed'>,
): Promise<{ reply: PostedReply; written: ReplyWrite }> => {
  if (!existing) return { reply: await thread.create(body), written: 'created' };
  if (changed) await thread.edit(existing.id, body);
  return { reply: { id: existing.id, body }, written: changed ? 'edited' : undefined };
};

/** The result of updating a reply: whether all its jobs have ended, what was written, and how many notices. */
type SyncResult = {
  ended: RenderedReply['ended'];
  written: ReplyWrite;
  notices: number;
};

/** A comment that is replied to, and its thread. */
export type RepliedComment = { comment: { id: CommentId; createdAt: string }; thread: ThreadRef };

/** The reaction to a comment once all its jobs have ended. */
export const finalReactions = { well: 'rocket', badly: 'confused' } as const;

export type ReplySyncPorts = {
  thread: Thread;
  visibility: Visibility;
  checks: Pick<CheckRuns, 'put'>;
  /** Called when GitHub refuses a notice or a check run. The reply is written anyway. */
  onRefused: (what: 'notice' | 'check run', cause: unknown) => void;
};

/**
 * Updates the reply to a comment from the states of its jobs: creates it if it is missing, edits it if it is outdated, and adds the last
 * reaction once all jobs have ended. It writes the check run, and a notice if the policy requires one, before the reply shows the new
 * state. For ended jobs it always ensures both, because a reply may have shown the end from the beginning. For callers that follow
 * a single comment and write rarely.
 */
export const syncReply = async (
  { comment, thread: { repository } }: RepliedComment,
  jobs: readonly Job[],
  ports: ReplySyncPorts,
): Promise<SyncResult> => {
  const { thread, visibility } = ports;
  const [isPublic, reply] = await Promise.all([visibility.isPublic(repository), thread.findReply(comment)]);
  const rendered = refreshReply(reply?.body, { comment: comment.id, jobs, isPublic });
  const { ended } = rendered;
  const shown = readJobStates(reply?.body ?? '');
  let notices = 0;
  for (const job of jobs) {
    if (shown.get(job.id) === job.state && job.endedAt === null) continue;
    await skipIfRefused('notice', ports, async () => {
      if (needsNotice(job)) notices += Number(await postCompletionNotice(job, reply?.id, thread));
    });
    await skipIfRefused('check run', ports, () => putCheckRun(job, ports.checks, repository));
  }
  const react = async (): Promise<void> => {
    if (ended) await ignoreRefusedWrite(thread.react(comment.id, finalReactions[ended]));
  };
  let written: ReplyWrite;
  try {
    ({ written } = await writeReply(thread, reply, rendered));
  } catch (error) {
    // A thread that accepts no comments may still accept a reaction.
    if (error instanceof WriteRefusedError) await react();
    throw error;
  }
  await react();
  return { ended, written, notices };
};

/** Finds the reply that shows a workflow's job. */
export const findJobReply = ({ id, createdAt }: Job, thread: Thread): Promise<PostedReply | undefined> =>
  thread.findOwnComment(createdAt, ({ jobs, notice }) => notice === undefined && jobs.includes(id));

/** Creates or updates the reply that shows a workflow's job. @param known the reply as last seen; searched for if omitted */
export const syncJobReply = async (
  job: Job,
  known: PostedReply | undefined,
  repository: ThreadRef['repository'],
  { thread, visibility }: Pick<ReplySyncPorts, 'thread' | 'visibility'>,
): Promise<PostedReply> => {
  const existing = known ?? (await findJobReply(job, thread));
  const isPublic = await visibility.isPublic(repository);
  const rendered = refreshReply(existing?.body, { comment: 0, jobs: [job], isPublic });
  return (await writeReply(thread, existing, rendered)).reply;
};

const putCheckRun = async (
  job: Job,
  checks: ReplySyncPorts['checks'],
  repository: ThreadRef['repository'],
): Promise<void> => {
  const commit = parseNotes(job.origin).check;
  if (commit !== null) await checks.put(repository, toCheckRun(job, commit));
};

const skipIfRefused = async (
  what: 'notice' | 'check run',
  { onRefused }: ReplySyncPorts,
  write: () => Promise<unknown>,
): Promise<void> => {
  try {
    await write();
  } catch (error) {
    const refused = what === 'notice' ? error instanceof WriteRefusedError : isCheckRunRefused(error);
    if (!refused) throw error;
    onRefused(what, error);
  }
};
