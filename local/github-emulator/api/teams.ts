import { isMember, organisation, teams, workflows, type Team } from '../accounts.ts';
import { membershipShape, teamShape } from '../serializers/user.ts';
import { empty, json, notFound, notForApps } from './responses.ts';
import { forAccounts, type ApiRoute, type Call, type Desk } from './api-context.ts';

const base = `/orgs/${organisation.login}`;

/** A route for all but workflows: their token says nothing about the organisation. */
const forInsiders = (path: string, answer: (call: Call) => Response): ApiRoute =>
  forAccounts('GET', path, (call, { id }) => (id === workflows.id ? notForApps() : answer(call)));

/** The organisation's teams and members. */
export const teamRoutes = ({ store, surroundings: { accounts, addresses } }: Desk): readonly ApiRoute[] => {
  const teamNamed = (slug: string | undefined): Team | undefined =>
    teams.find((team) => team.slug === slug?.toLowerCase());
  return [
    forInsiders(`${base}/teams/:slug`, ({ parameters }) => {
      const team = teamNamed(parameters['slug']);
      return team ? json(200, teamShape(team, addresses, store.settings.createdAt)) : notFound();
    }),
    forInsiders(`${base}/teams/:slug/memberships/:login`, ({ parameters }) => {
      const team = teamNamed(parameters['slug']);
      const account = accounts.byLogin(parameters['login'] ?? '');
      const member = team?.members.find(({ id }) => id === account?.id);
      return team && member ? json(200, membershipShape(team, member, addresses)) : notFound();
    }),
    forInsiders(`${base}/members/:login`, ({ parameters }) => {
      const account = accounts.byLogin(parameters['login'] ?? '');
      return account && isMember(account) ? empty() : notFound();
    }),
  ];
};
