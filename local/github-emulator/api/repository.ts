import { repositoryName } from '../accounts.ts';
import { fullRepositoryShape, permissionShape, repositoryShape } from '../serializers/repository.ts';
import { privateProfile, profileShape } from '../serializers/user.ts';
import { json, notForApps, notFound, refusal } from './responses.ts';
import { forAccounts, type ApiRoute, type Desk } from './api-context.ts';

const base = `/repos/${repositoryName}`;

/** The repository, who may do what on it, and who is who. */
export const repositoryRoutes = ({
  store,
  shapes,
  surroundings: { accounts, addresses },
}: Desk): readonly ApiRoute[] => {
  const { repositoryId: id, createdAt } = store.settings;
  return [
    forAccounts('GET', base, (_call, account) =>
      json(200, fullRepositoryShape(shapes.facts(), addresses, account)),
    ),
    forAccounts('GET', `/repositories/${id}`, (_call, account) =>
      json(200, fullRepositoryShape(shapes.facts(), addresses, account)),
    ),
    forAccounts('GET', '/installation/repositories', (_call, account) =>
      account.type === 'Bot'
        ? json(200, {
            total_count: 1,
            repository_selection: 'selected',
            repositories: [repositoryShape(shapes.facts(), addresses)],
          })
        : refusal(
            403,
            'You must authenticate with an installation access token in order to list repositories for an installation.',
          ),
    ),
    forAccounts('GET', `${base}/collaborators/:login/permission`, ({ parameters }) => {
      const login = parameters['login'] ?? '';
      const account = accounts.byLogin(login);
      return account
        ? json(200, permissionShape(account, addresses))
        : refusal(404, `${login} is not a user`);
    }),
    forAccounts('GET', '/user', (_call, account) =>
      account.type === 'Bot'
        ? notForApps()
        : json(200, { ...profileShape(account, addresses, createdAt), ...privateProfile }),
    ),
    forAccounts('GET', '/users/:login', ({ parameters }) => {
      const account = accounts.byLogin(parameters['login'] ?? '');
      return account ? json(200, profileShape(account, addresses, createdAt)) : notFound();
    }),
  ];
};
