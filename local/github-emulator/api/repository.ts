import { repositoryName } from '../accounts.ts';
import {
  serializeFullRepository,
  serializePermission,
  serializeRepository,
} from '../serializers/repository.ts';
import { privateProfile, serializeProfile } from '../serializers/user.ts';
import { jsonResponse, notForAppsResponse, notFoundResponse, errorResponse } from './responses.ts';
import { accountRoute, type ApiRoute, type ApiContext } from './api-context.ts';

const base = `/repos/${repositoryName}`;

/** Returns the routes of the repository, of permissions and of accounts. */
export const repositoryRoutes = ({
  store,
  serializers,
  serializerContext: { accounts, addresses },
}: ApiContext): readonly ApiRoute[] => {
  const { repositoryId: id, createdAt } = store.settings;
  return [
    accountRoute('GET', base, (_call, account) =>
      jsonResponse(200, serializeFullRepository(serializers.repository(), addresses, account)),
    ),
    accountRoute('GET', `/repositories/${id}`, (_call, account) =>
      jsonResponse(200, serializeFullRepository(serializers.repository(), addresses, account)),
    ),
    accountRoute('GET', '/installation/repositories', (_call, account) =>
      account.type === 'Bot'
        ? jsonResponse(200, {
            total_count: 1,
            repository_selection: 'selected',
            repositories: [serializeRepository(serializers.repository(), addresses)],
          })
        : errorResponse(
            403,
            'You must authenticate with an installation access token in order to list repositories for an installation.',
          ),
    ),
    accountRoute('GET', `${base}/collaborators/:login/permission`, ({ parameters }) => {
      const login = parameters['login'] ?? '';
      const account = accounts.byLogin(login);
      return account
        ? jsonResponse(200, serializePermission(account, addresses))
        : errorResponse(404, `${login} is not a user`);
    }),
    accountRoute('GET', '/user', (_call, account) =>
      account.type === 'Bot'
        ? notForAppsResponse()
        : jsonResponse(200, { ...serializeProfile(account, addresses, createdAt), ...privateProfile }),
    ),
    accountRoute('GET', '/users/:login', ({ parameters }) => {
      const account = accounts.byLogin(parameters['login'] ?? '');
      return account
        ? jsonResponse(200, serializeProfile(account, addresses, createdAt))
        : notFoundResponse();
    }),
  ];
};
