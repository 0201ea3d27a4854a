import { mayHoldCommand, readCommands } from '../command/index.ts';
import type { Policies, Repository } from '../github/ports.ts';
import type { Entry } from '../lease/comment-claim.ts';
import { grammarOf } from '../visiting.ts';
import type { Listing } from './comment-listing.ts';
import type { ListedComment } from './recent-comments.ts';

/**
 * The listed comments that hold a command and that nobody is seen to have answered; none where the policy leaves them to the
 * other entry. It asks for the policy alone, and only if there is any such comment.
 * @throws the fault of that call
 */
export const unanswered = async (
  listing: Listing,
  repository: Repository,
  { policies, entry }: { policies: Policies; entry: Pick<Entry, 'name'> },
): Promise<readonly ListedComment[]> => {
  const open = listing.comments.filter(({ id, body }) => mayHoldCommand(body) && !listing.isAnswered(id));
  if (open.length === 0) return [];
  const loaded = await policies.of(repository);
  const named = loaded.state === 'broken' ? null : loaded.policy.entry;
  if (named !== null && named !== entry.name) return [];
  const grammar = grammarOf(loaded);
  return open.filter(({ body }) => readCommands(body, grammar).length > 0);
};
