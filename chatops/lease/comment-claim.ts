import type { Leases } from '../../compute/client/index.ts';
import { type IncomingComment, toScope } from '../incoming-comment.ts';

/** Who answers comments: the GitHub App or the Action. */
export type EntryName = 'app' | 'action';

/** One of the two, where a comment has come to. */
export type CommentEntry = {
  name: EntryName;
  /** Claims a comment for it, for good. False if the other one has done so before. */
  claims(comment: IncomingComment): Promise<boolean>;
};

/** Longer than any of the two tries to make up for a comment that it missed; GitHub delivers again for three days. In seconds. */
const claimLeaseSeconds = 7 * 86_400;

/**
 * An entry whose claims are kept by the orchestrator, so that of one comment there is one answer.
 * @param onLost told of each comment that the other one has claimed
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

/** A comment as far as its claim names it. */
export type ClaimedComment = Pick<IncomingComment, 'host' | 'thread'> & { comment: { id: number } };

const toClaimName = (comment: ClaimedComment): string => `entry/${toScope(comment)}/${comment.comment.id}`;
