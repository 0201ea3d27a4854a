import { parseCommentId, type CommentId } from '../../contracts/comment-id.ts';
import type { Thread } from '../github/ports.ts';
import { readMarker, type ReadingAnswers } from '../github/reply-marker.ts';
import type { IncomingComment } from '../incoming-comment.ts';
import { foldAnswers } from '../reply/render-reply.ts';

/** How far back an earlier answer is searched, in milliseconds: the search lists all comments since then. */
const windowMilliseconds = 86_400_000;

type FoldPorts = {
  thread: Pick<Thread, 'findOwnComment'>;
  /** Runs work with a thread whose writes are guarded by the lease of the reply to a comment, by id. */
  withReplyLease: (
    comment: CommentId,
    work: (thread: Pick<Thread, 'findReply' | 'edit'>) => Promise<void>,
  ) => Promise<void>;
};

/**
 * Folds the earlier answer to the same person about the same, so that a thread does not fill with outdated answers. Other sections of
 * that reply stay as they are. Called after the reply to the comment was posted; a failure loses nothing but the folding.
 * @param reads what the reply to the comment answers
 */
export const foldEarlierAnswers = async (
  { comment }: Pick<IncomingComment, 'comment'>,
  reads: ReadingAnswers | undefined,
  { thread, withReplyLease }: FoldPorts,
): Promise<void> => {
  if (!reads) return;
  const kinds = new Set(Object.values(reads.what));
  const since = new Date(Date.parse(comment.createdAt) - windowMilliseconds).toISOString();
  // A comment that is delivered late must not fold the answer to a newer one.
  const earlier = await thread.findOwnComment(
    since,
    (marker) =>
      isEarlier(marker.comment, comment.id) &&
      marker.reads?.by === reads.by &&
      Object.values(marker.reads.what).some((kind) => kinds.has(kind)),
  );
  const answered = earlier && readMarker(earlier.body)?.comment;
  if (answered === undefined) return;
  await withReplyLease(answered, async (leased) => {
    const reply = await leased.findReply({ id: answered, createdAt: since });
    const folded = reply && foldAnswers(reply.body, kinds);
    if (folded) await leased.edit(reply.id, folded.body);
  });
};

/** Returns whether a comment was written before another. False for comments of different kinds, which GitHub numbers separately. */
const isEarlier = (one: CommentId, other: CommentId): boolean => {
  const [a, b] = [parseCommentId(one), parseCommentId(other)];
  return a.kind === b.kind && a.number < b.number;
};
