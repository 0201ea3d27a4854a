import type { Leases } from '../../compute/client/index.ts';
import type { IncomingComment } from '../github/ports.ts';
import { scopeOf } from '../scope.ts';

/** Who answers comments: the GitHub App or the Action. */
export type EntryName = 'app' | 'action';

/** One of the two, where a comment has come to. */
export type Entry = {
  name: EntryName;
  /** Claims a comment for it, for good. False if the other one has done so before. */
  claims(comment: IncomingComment): Promise<boolean>;
};

/** Longer than any of the two tries to make up for a comment that it missed; GitHub delivers again for three days. In seconds. */
const claimSeconds = 7 * 86_400;

/**
 * An entry whose claims are kept by the orchestrator, so that of one comment there is one answer.
 * @param onLost told of each comment that the other one has claimed
 */
export const entryOf = (
  name: EntryName,
  leases: Pick<Leases, 'take'>,
  onLost: (comment: IncomingComment) => void,
): Entry => ({
  name,
  claims: async (comment) => {
    const isOurs = await leases.take(claimOf(comment), name, claimSeconds);
    if (!isOurs) onLost(comment);
    return isOurs;
  },
});

/**
 * Claims a comment for an entry although a caller without `"entry": true` has claimed it. Otherwise, every caller that can start jobs of the
 * repository could keep its comments from being answered. Returns false if an entry has claimed it.
 */
export const takeClaimOver = (
  name: EntryName,
  comment: Claimed,
  leases: Pick<Leases, 'take'>,
): Promise<boolean> => leases.take(claimOf(comment), name, claimSeconds, { takeOver: true });

/** A comment as far as its claim names it. */
export type Claimed = Pick<IncomingComment, 'host' | 'thread'> & { comment: { id: number } };

const claimOf = (comment: Claimed): string => `entry/${scopeOf(comment)}/${comment.comment.id}`;
