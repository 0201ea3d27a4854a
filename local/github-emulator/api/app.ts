import { installationId, organization, repositoryName } from '../accounts.ts';
import { appPermissions, serializeApp, serializeInstallation } from '../serializers/app.ts';
import { serializeDelivery, serializeFullDelivery } from '../serializers/delivery.ts';
import { jsonResponse, notFoundResponse } from './responses.ts';
import { accountRoute, appRoute, type ApiRoute, type ApiContext } from './api-context.ts';
import { buildLinkHeader, parsePageSize } from './pagination.ts';

/** Returns the routes of the app, its installation, the installation's tokens and its webhook deliveries. */
export const appRoutes = (context: ApiContext): readonly ApiRoute[] => [
  ...identityRoutes(context),
  ...deliveryRoutes(context),
];

const identityRoutes = ({
  tokens,
  serializerContext: { app, addresses },
}: ApiContext): readonly ApiRoute[] => {
  const installation = () => jsonResponse(200, serializeInstallation(app, addresses));
  return [
    appRoute('GET', '/app', () => jsonResponse(200, serializeApp(app, addresses))),
    accountRoute('GET', `/apps/${app.slug}`, () => jsonResponse(200, serializeApp(app, addresses))),
    appRoute('GET', '/app/installations', () => jsonResponse(200, [serializeInstallation(app, addresses)])),
    appRoute('GET', `/app/installations/${installationId}`, installation),
    appRoute('GET', `/repos/${repositoryName}/installation`, installation),
    appRoute('GET', `/orgs/${organization.login}/installation`, installation),
    appRoute('POST', `/app/installations/${installationId}/access_tokens`, () => {
      const { token, expiresAt } = tokens.createInstallationToken();
      return jsonResponse(201, {
        token,
        expires_at: expiresAt.toISOString().replace(/\.\d+Z$/, 'Z'),
        permissions: appPermissions,
        repository_selection: 'selected',
      });
    }),
  ];
};

const deliveryRoutes = ({ store, webhookSender }: ApiContext): readonly ApiRoute[] => {
  const { repositoryId } = store.settings;
  return [
    appRoute('GET', '/app/hook/deliveries', ({ url }) => {
      const size = parsePageSize(url.searchParams);
      const status = url.searchParams.get('status');
      const cursor = url.searchParams.get('cursor') ?? '';
      const found = store.deliveries.list({
        ...(status === 'success' || status === 'failure' ? { outcome: status } : {}),
        ...(/^\d{1,15}$/.test(cursor) ? { from: Number(cursor) } : {}),
        limit: size + 1,
      });
      // One more than the page: the next page begins there.
      const next = found[size];
      const links = next ? buildLinkHeader(url, [{ rel: 'next', name: 'cursor', value: next.id }]) : {};
      return jsonResponse(
        200,
        found.slice(0, size).map((delivery) => serializeDelivery(delivery, repositoryId)),
        links,
      );
    }),
    appRoute('GET', '/app/hook/deliveries/:id', ({ parameters }) => {
      const delivery = store.deliveries.get(Number(parameters['id']));
      return delivery?.status
        ? jsonResponse(200, serializeFullDelivery(delivery, repositoryId))
        : notFoundResponse();
    }),
    appRoute('POST', '/app/hook/deliveries/:id/attempts', ({ parameters }) => {
      const delivery = store.deliveries.get(Number(parameters['id']));
      if (!delivery) return notFoundResponse();
      webhookSender.enqueueRedelivery(delivery);
      webhookSender.wake();
      return jsonResponse(202, {});
    }),
  ];
};
