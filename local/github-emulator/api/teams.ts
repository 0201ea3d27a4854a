import { isMember, organization, teams, workflowAccount, type OrganizationTeam } from '../accounts.ts';
import { serializeMembership, serializeTeam } from '../serializers/user.ts';
import { emptyResponse, jsonResponse, notFoundResponse, notForAppsResponse } from './responses.ts';
import { accountRoute, type ApiRoute, type ApiCall, type ApiContext } from './api-context.ts';

const base = `/orgs/${organization.login}`;

/** Returns a route for all accounts except workflows, whose token has no access to the organization. */
const insiderRoute = (path: string, answer: (call: ApiCall) => Response): ApiRoute =>
  accountRoute('GET', path, (call, { id }) =>
    id === workflowAccount.id ? notForAppsResponse() : answer(call),
  );

/** Returns the routes of the organization's teams and members. */
export const teamRoutes = ({
  store,
  serializerContext: { accounts, addresses },
}: ApiContext): readonly ApiRoute[] => {
  const findTeam = (slug: string | undefined): OrganizationTeam | undefined =>
    teams.find((team) => team.slug === slug?.toLowerCase());
  return [
    insiderRoute(`${base}/teams/:slug`, ({ parameters }) => {
      const team = findTeam(parameters['slug']);
      return team
        ? jsonResponse(200, serializeTeam(team, addresses, store.settings.createdAt))
        : notFoundResponse();
    }),
    insiderRoute(`${base}/teams/:slug/memberships/:login`, ({ parameters }) => {
      const team = findTeam(parameters['slug']);
      const account = accounts.byLogin(parameters['login'] ?? '');
      const member = team?.members.find(({ id }) => id === account?.id);
      return team && member
        ? jsonResponse(200, serializeMembership(team, member, addresses))
        : notFoundResponse();
    }),
    insiderRoute(`${base}/members/:login`, ({ parameters }) => {
      const account = accounts.byLogin(parameters['login'] ?? '');
      return account && isMember(account) ? emptyResponse() : notFoundResponse();
    }),
  ];
};
