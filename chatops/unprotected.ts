import type { CodeOwners, Repository } from './github/port.ts';
import { needsApprovals } from './policy/index.ts';
import type { Policy } from './policy/policy.ts';

/**
 * Returns whether a policy asks for approvals, but nobody owns its file, so that whoever can merge a change of it can take them out.
 * False if that is not known.
 * @param commit owners that the file has there count too, because they are to be merged with it
 */
export const isUnprotected = async (
  policy: Policy,
  repository: Repository,
  codeOwners: CodeOwners,
  commit?: string,
): Promise<boolean> => {
  if (!needsApprovals(policy) || (await codeOwners.ownPolicy(repository)) !== false) return false;
  return commit === undefined || (await codeOwners.ownPolicy(repository, commit)) === false;
};
