import * as v from 'valibot';
import { request, isNotFoundOrForbidden, getStatus, type Octokit } from './api-client.ts';

const Membership = v.object({ state: v.string() });

/**
 * Whether a person is an active member of a team (`org/slug`); an invitation that is not accepted yet is none. GitHub says 404
 * of somebody who is not a member, of a team that is not there, and of one that the credential may not see: only who can see
 * the team can tell that somebody is not in it. A login that is another person's by now is not the person's membership.
 */
export const fetchTeamMembership = async (
  octokit: Octokit,
  team: string,
  person: { id: number; login: string },
): Promise<'member' | 'not-a-member' | 'unreadable'> => {
  const [org, slug] = team.split('/');
  const place = { org, team_slug: slug };
  try {
    const route = 'GET /orgs/{org}/teams/{team_slug}/memberships/{username}';
    const { state } = await request(octokit, Membership, route, { ...place, username: person.login });
    return state === 'active' && (await isSameAccount(octokit, person)) ? 'member' : 'not-a-member';
  } catch (error) {
    if (!isNotFoundOrForbidden(error)) throw error;
  }
  return (await isTeamVisible(octokit, place)) ? 'not-a-member' : 'unreadable';
};

const isTeamVisible = async (octokit: Octokit, place: Record<string, unknown>): Promise<boolean> => {
  try {
    await octokit.request('GET /orgs/{org}/teams/{team_slug}', place);
    return true;
  } catch (error) {
    if (isNotFoundOrForbidden(error)) return false;
    throw error;
  }
};

/** Whether a login still is the person's. */
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
