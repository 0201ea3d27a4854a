import type { Job } from '../../compute/client/index.ts';
import {
  ignoreRefusedWrite,
  WriteRefusedError,
  type CheckRuns,
  type Thread,
  type Visibility,
} from '../github/ports.ts';
import type { ThreadRef } from '../incoming-comment.ts';
import { toCheckRun, isCheckRunRefused } from './check-run.ts';
import { parseNotes } from '../job/notes.ts';
import { needsNotice, postCompletionNotice } from './completion-notice.ts';
import { refreshReply, readJobStates } from '../reply/render-reply.ts';

/** The result of refreshing a reply: whether all its jobs have ended, what was written, and how many notices. */
export type SyncResult = {
  ended: 'well' | 'badly' | undefined;
  written: 'created' | 'edited' | undefined;
  notices: number;
};

/** A comment that is replied to, and its thread. */
export type RepliedComment = { comment: { id: number; createdAt: string }; thread: ThreadRef };

/** What a comment gets once all its jobs have ended. */
export const finalReactions = { well: 'rocket', badly: 'confused' } as const;

export type ReplySyncPorts = {
  thread: Thread;
  visibility: Visibility;
  checks: Pick<CheckRuns, 'put'>;
  /** A notice or a check run is not for us to write; the reply is. */
  onRefused: (what: 'notice' | 'check run', cause: unknown) => void;
};

/**
 * Brings the reply to a comment up to date with its jobs: creates it if it is missing, edits it if it is outdated, and adds the last
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
  const { body, changed, ended } = refreshReply(reply?.body, { comment: comment.id, jobs, isPublic });
  const shown = readJobStates(reply?.body ?? '');
  let noticed = 0;
  for (const job of jobs) {
    if (shown.get(job.id) === job.state && job.endedAt === null) continue;
    await skipIfRefused('notice', ports, async () => {
      if (needsNotice(job)) noticed += Number(await postCompletionNotice(job, reply?.id, thread));
    });
    await skipIfRefused('check run', ports, () => putCheckRun(job, ports.checks, repository));
  }
  const react = async (): Promise<void> => {
    if (ended) await ignoreRefusedWrite(thread.react(comment.id, finalReactions[ended]));
  };
  try {
    if (!reply) await thread.create(body);
    else if (changed) await thread.edit(reply.id, body);
  } catch (error) {
    // A thread that accepts no comments may still accept a reaction.
    if (error instanceof WriteRefusedError) await react();
    throw error;
  }
  await react();
  return { ended, written: !reply ? 'created' : changed ? 'edited' : undefined, notices: noticed };
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
