import type { Job } from '../../compute/client/index.ts';
import {
  unlessRefused,
  WriteRefused,
  type Checks,
  type Thread,
  type ThreadRef,
  type Visibility,
} from '../github/ports.ts';
import { checkOf, isCheckRefused } from './check-run.ts';
import { notesOf } from '../job/notes.ts';
import { isWorthNotice, tellEnd } from './completion-notice.ts';
import { refreshReply, shownStates } from '../reply/render-reply.ts';

/** The result of refreshing a reply: whether all its jobs have ended, what was written, and how many notices. */
export type Refreshed = {
  ended: 'well' | 'badly' | undefined;
  written: 'created' | 'edited' | undefined;
  noticed: number;
};

/** A comment that is replied to, and its thread. */
export type Replied = { comment: { id: number; createdAt: string }; thread: ThreadRef };

/** What a comment gets once all its jobs have ended. */
export const endReaction = { well: 'rocket', badly: 'confused' } as const;

export type RefreshPorts = {
  thread: Thread;
  visibility: Visibility;
  checks: Pick<Checks, 'put'>;
  /** A notice or a check run is not for us to write; the reply is. */
  onRefused: (what: 'notice' | 'check run', cause: unknown) => void;
};

/**
 * Brings the reply to a comment up to date with its jobs: creates it if it is missing, edits it if it is outdated, and adds the last
 * reaction once all jobs have ended. It writes the check run, and a notice if the policy requires one, before the reply shows the new
 * state. For ended jobs it always ensures both, because a reply may have shown the end from the beginning. For callers that follow
 * a single comment and write rarely.
 */
export const bringUpToDate = async (
  { comment, thread: { repository } }: Replied,
  jobs: readonly Job[],
  ports: RefreshPorts,
): Promise<Refreshed> => {
  const { thread, visibility } = ports;
  const [isPublic, reply] = await Promise.all([visibility.isPublic(repository), thread.findReply(comment)]);
  const { body, changed, ended } = refreshReply(reply?.body, { comment: comment.id, jobs, isPublic });
  const shown = shownStates(reply?.body ?? '');
  let noticed = 0;
  for (const job of jobs) {
    if (shown.get(job.id) === job.state && job.endedAt === null) continue;
    await tryWrite('notice', ports, async () => {
      if (isWorthNotice(job)) noticed += Number(await tellEnd(job, reply?.id, thread));
    });
    await tryWrite('check run', ports, () => putCheck(job, ports.checks, repository));
  }
  const react = async (): Promise<void> => {
    if (ended) await unlessRefused(thread.react(comment.id, endReaction[ended]));
  };
  try {
    if (!reply) await thread.create(body);
    else if (changed) await thread.edit(reply.id, body);
  } catch (error) {
    // A thread that accepts no comments may still accept a reaction.
    if (error instanceof WriteRefused) await react();
    throw error;
  }
  await react();
  return { ended, written: !reply ? 'created' : changed ? 'edited' : undefined, noticed };
};

const putCheck = async (
  job: Job,
  checks: RefreshPorts['checks'],
  repository: ThreadRef['repository'],
): Promise<void> => {
  const commit = notesOf(job.origin).check;
  if (commit !== null) await checks.put(repository, checkOf(job, commit));
};

const tryWrite = async (
  what: 'notice' | 'check run',
  { onRefused }: RefreshPorts,
  write: () => Promise<unknown>,
): Promise<void> => {
  try {
    await write();
  } catch (error) {
    const refused = what === 'notice' ? error instanceof WriteRefused : isCheckRefused(error);
    if (!refused) throw error;
    onRefused(what, error);
  }
};
