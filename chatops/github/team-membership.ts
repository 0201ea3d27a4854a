import * as v from 'valibot';
import { request, isNotFoundOrForbidden, getStatus, type Octokit } from './api-client.ts';

const Membership = v.object({ state: v.string() });

/**
 * Returns whether a person is an active member of a team (`org/slug`); a pending invitation does not count. GitHub answers 404 if the
 * person is not a member, if the team does not exist, and if the credential cannot see it, so non-membership is known only if the team
 * is visible. The membership does not count if the login now belongs to another account.
 */
export const fetchTeamMembership = async (
  octokit: Octokit,
  team: string,
  person: { id: number; login: string },
): Promise<'member' | 'not-a-member' | 'unreadable'> => {
  const [org, slug] = team.split('/');
  const parameters = { org, team_slug: slug };
  try {
    const route = 'GET /orgs/{org}/teams/{team_slug}/memberships/{username}';
    const { state } = await request(octokit, Membership, route, { ...parameters, username: person.login });
    return state === 'active' && (await isSameAccount(octokit, person)) ? 'member' : 'not-a-member';
  } catch (error) {
    if (!isNotFoundOrForbidden(error)) throw error;
  }
  return (await isTeamVisible(octokit, parameters)) ? 'not-a-member' : 'unreadable';
};

const isTeamVisible = async (octokit: Octokit, parameters: Record<string, unknown>): Promise<boolean> => {
  try {
    await octokit.request('GET /orgs/{org}/teams/{team_slug}', parameters);
    return true;
  } catch (error) {
    if (isNotFoundOrForbidden(error)) return false;
    throw error;
  }
};

/** Returns whether a login still belongs to the person. */
const isSameAccount = async (
  octokit: Octokit,
  { id, login }: { id: number; login: string },
): Promise<boolean> => {
  try {
    const found = await request(octokit, v.object({ id: v.number() }), 'GET /users/{username}', {
      username: login,
    });
    return found.id === id;
  } catch (error) {
    if (getStatus(error) === 404) return false;
    throw error;
  }
};
