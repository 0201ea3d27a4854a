import { isMember, organisation, teams, type Team } from '../accounts.ts';
import { membershipShape, teamShape } from '../shapes/user.ts';
import { empty, json, notFound } from './answers.ts';
import { forAccounts, type ApiRoute, type Desk } from './call.ts';

const base = `/orgs/${organisation.login}`;

/** The organisation's teams and members. */
export const teamRoutes = ({ store, surroundings: { accounts, addresses } }: Desk): readonly ApiRoute[] => {
  const teamNamed = (slug: string | undefined): Team | undefined =>
    teams.find((team) => team.slug === slug?.toLowerCase());
  return [
    forAccounts('GET', `${base}/teams/:slug`, ({ parameters }) => {
      const team = teamNamed(parameters['slug']);
      return team ? json(200, teamShape(team, addresses, store.settings.createdAt)) : notFound();
    }),
    forAccounts('GET', `${base}/teams/:slug/memberships/:login`, ({ parameters }) => {
      const team = teamNamed(parameters['slug']);
      const account = accounts.byLogin(parameters['login'] ?? '');
      const member = team?.members.find(({ id }) => id === account?.id);
      return team && member ? json(200, membershipShape(team, member, addresses)) : notFound();
    }),
    forAccounts('GET', `${base}/members/:login`, ({ parameters }) => {
      const account = accounts.byLogin(parameters['login'] ?? '');
      return account && isMember(account) ? empty() : notFound();
    }),
  ];
};
