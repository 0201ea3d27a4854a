import type { CodeOwners } from './github/ports.ts';
import type { Repository } from './incoming-comment.ts';
import { needsApprovals } from './policy/index.ts';
import type { Policy } from './policy/policy.ts';

/**
 * Returns whether a policy requires approvals but its file has no code owners, so that anyone who can merge a change to it can remove
 * the approvals. False if that is unknown.
 * @param commit owners at this commit count too, because they will be merged with the policy
 */
export const isPolicyUnprotected = async (
  policy: Policy,
  repository: Repository,
  codeOwners: CodeOwners,
  commit?: string,
): Promise<boolean> => {
  if (!needsApprovals(policy) || (await codeOwners.hasPolicyOwner(repository)) !== false) return false;
  return commit === undefined || (await codeOwners.hasPolicyOwner(repository, commit)) === false;
};
