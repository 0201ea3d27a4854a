import { mayContainCommand, parseCommands } from '../command/index.ts';
import type { PolicyLoader } from '../github/ports.ts';
import type { Repository } from '../incoming-comment.ts';
import type { CommentEntry } from '../lease/comment-claim.ts';
import { getGrammar } from '../command-context.ts';
import type { CommentListing } from './comment-listing.ts';
import type { ListedComment } from './recent-comments.ts';

/**
 * Returns the listed comments that contain a command and have no known answer; none if the policy assigns them to the other entry.
 * Makes one call, for the policy, and only if there is such a comment.
 * @throws the error of that call
 */
export const findUnanswered = async (
  listing: CommentListing,
  repository: Repository,
  { policies, entry }: { policies: PolicyLoader; entry: Pick<CommentEntry, 'name'> },
): Promise<readonly ListedComment[]> => {
  const open = listing.comments.filter(({ id, body }) => mayContainCommand(body) && !listing.isAnswered(id));
  if (open.length === 0) return [];
  const loaded = await policies.load(repository);
  const assigned = loaded.state === 'broken' ? null : loaded.policy.entry;
  if (assigned !== null && assigned !== entry.name) return [];
  const grammar = getGrammar(loaded);
  return open.filter(({ body }) => parseCommands(body, grammar).length > 0);
};
