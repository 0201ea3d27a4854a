import { mayContainCommand, parseCommands } from '../command/index.ts';
import type { PolicyLoader } from '../github/ports.ts';
import type { Repository } from '../incoming-comment.ts';
import type { CommentEntry } from '../lease/comment-claim.ts';
import { getGrammar } from '../command-context.ts';
import type { CommentListing } from './comment-listing.ts';
import type { ListedComment } from './recent-comments.ts';

/**
 * The listed comments that hold a command and that nobody is seen to have answered; none where the policy leaves them to the
 * other entry. It asks for the policy alone, and only if there is any such comment.
 * @throws the fault of that call
 */
export const findUnanswered = async (
  listing: CommentListing,
  repository: Repository,
  { policies, entry }: { policies: PolicyLoader; entry: Pick<CommentEntry, 'name'> },
): Promise<readonly ListedComment[]> => {
  const open = listing.comments.filter(({ id, body }) => mayContainCommand(body) && !listing.isAnswered(id));
  if (open.length === 0) return [];
  const loaded = await policies.load(repository);
  const named = loaded.state === 'broken' ? null : loaded.policy.entry;
  if (named !== null && named !== entry.name) return [];
  const grammar = getGrammar(loaded);
  return open.filter(({ body }) => parseCommands(body, grammar).length > 0);
};
