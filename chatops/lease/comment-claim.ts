import type { CommentId } from '../../contracts/comment-id.ts';
import type { Leases } from '../../compute/client/index.ts';
import { type IncomingComment, toScope } from '../incoming-comment.ts';

/** The entry that answers comments: the GitHub App or the Action. */
export type EntryName = 'app' | 'action';

/** The entry that received a comment. */
export type CommentEntry = {
  name: EntryName;
  /** Claims a comment for this entry. Returns false if the other entry has claimed it. */
  claims(comment: IncomingComment): Promise<boolean>;
};

/** Longer than either entry recovers missed comments; GitHub redelivers for three days. In seconds. */
const claimLeaseSeconds = 7 * 86_400;

/**
 * Returns an entry whose claims are leases of the orchestrator, so that a comment gets one answer.
 * @param onLost called with each comment that the other entry has claimed
 */
export const createEntry = (
  name: EntryName,
  leases: Pick<Leases, 'take'>,
  onLost: (comment: IncomingComment) => void,
): CommentEntry => ({
  name,
  claims: async (comment) => {
    const isOurs = await leases.take(toClaimName(comment), name, claimLeaseSeconds);
    if (!isOurs) onLost(comment);
    return isOurs;
  },
});

/**
 * Claims a comment for an entry although a caller without `"entry": true` has claimed it. Otherwise, every caller that can start jobs of the
 * repository could keep its comments from being answered. Returns false if an entry has claimed it.
 */
export const takeOverClaim = (
  name: EntryName,
  comment: ClaimedComment,
  leases: Pick<Leases, 'take'>,
): Promise<boolean> => leases.take(toClaimName(comment), name, claimLeaseSeconds, { takeOver: true });

/** The parts of a comment that identify its claim. */
export type ClaimedComment = Pick<IncomingComment, 'host' | 'thread'> & { comment: { id: CommentId } };

const toClaimName = (comment: ClaimedComment): string => `entry/${toScope(comment)}/${comment.comment.id}`;
