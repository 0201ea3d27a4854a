import { setTimeout as wait } from 'node:timers/promises';
import { WriteRefused } from '../../chatops/github/port.ts';
import { converse, reply, type ConversationPorts } from '../../chatops/conversation.ts';
import type { Logger } from '../../runtime/log.ts';
import { within } from '../patience.ts';
import type { KeyedQueue } from '../queue.ts';
import type { HeardComment } from './comment.ts';

export type CommentDeps = {
  ports: (comment: HeardComment) => ConversationPorts;
  /** Shared with the tracker: one writer at a time on the reply to a comment. */
  queue: KeyedQueue;
  /** A comment may have started jobs. */
  onStarted: () => void;
  /** The reply to a comment, by its id, is written, or given up. */
  onReplied: (comment: number) => void;
  /** Ends the waits between attempts. */
  stopping: AbortSignal;
  log: Logger;
};

/** GitHub waits 10 s, and Probot answers "accepted" after 9 s: a start that takes longer must count as failed before that. */
const answerMilliseconds = 8_500;

/** Between the attempts to write a reply that no job would make up for. */
const retryMilliseconds = [500, 5_000, 30_000];

/**
 * Hears a comment. Resolves when the webhook may be answered: all its jobs are started, and what no job would make up for
 * stands in its reply. Otherwise the reply follows by itself; replies are written one at a time for each comment.
 * @throws if a job could not be started, or such a reply not be written, or not in time: the comment is to be delivered again
 */
export const hear = async (comment: HeardComment, deps: CommentDeps): Promise<'accepted' | 'no-command'> => {
  const ports = deps.ports(comment);
  const accepted = converse(comment, ports).then(async (turn) => {
    if (!turn) return 'no-command';
    deps.onStarted();
    const { id } = comment.comment;
    const replied = deps.queue.run(id, () => persistently(() => reply(comment, turn, ports), comment, deps));
    void replied.then(() => deps.onReplied(id));
    const hasText = turn.sections.some(({ kind }) => kind !== 'job');
    if (hasText && !(await replied)) throw new Error(`The reply to comment ${id} could not be written`);
    return 'accepted';
  });
  return within(answerMilliseconds, accepted, `Comment ${comment.comment.id} was not taken in time`);
};

/** Tries a write again after a fault; never rejects. False if it gives up: the tracker makes up for what has a job. */
const persistently = async (
  write: () => Promise<void>,
  comment: HeardComment,
  { stopping, log }: CommentDeps,
): Promise<boolean> => {
  for (const pause of [...retryMilliseconds, undefined]) {
    try {
      await write();
      return true;
    } catch (err) {
      const last = pause === undefined || err instanceof WriteRefused || stopping.aborted;
      const where = { err, comment: comment.comment.id, repository: comment.thread.repository.name };
      log.warn(where, last ? 'a reply could not be written' : 'a reply could not be written yet');
      if (last) return err instanceof WriteRefused;
      await wait(pause, undefined, { signal: stopping }).catch(() => {});
    }
  }
  return false;
};
