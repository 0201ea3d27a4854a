import { installationId, organisation, repositoryName } from '../accounts.ts';
import { appPermissions, appShape, installationShape } from '../serializers/app.ts';
import { deliveryShape, fullDeliveryShape } from '../serializers/delivery.ts';
import { json, notFound } from './responses.ts';
import { forAccounts, forTheApp, type ApiRoute, type Desk } from './api-context.ts';
import { linkHeader, pageSize } from './pagination.ts';

/** The app, its installation and the installation's tokens, and what was delivered to its hook. */
export const appRoutes = (desk: Desk): readonly ApiRoute[] => [
  ...identityRoutes(desk),
  ...deliveryRoutes(desk),
];

const identityRoutes = ({ tokens, surroundings: { app, addresses } }: Desk): readonly ApiRoute[] => {
  const installation = () => json(200, installationShape(app, addresses));
  return [
    forTheApp('GET', '/app', () => json(200, appShape(app, addresses))),
    forAccounts('GET', `/apps/${app.slug}`, () => json(200, appShape(app, addresses))),
    forTheApp('GET', '/app/installations', () => json(200, [installationShape(app, addresses)])),
    forTheApp('GET', `/app/installations/${installationId}`, installation),
    forTheApp('GET', `/repos/${repositoryName}/installation`, installation),
    forTheApp('GET', `/orgs/${organisation.login}/installation`, installation),
    forTheApp('POST', `/app/installations/${installationId}/access_tokens`, () => {
      const { token, expiresAt } = tokens.forInstallation();
      return json(201, {
        token,
        expires_at: expiresAt.toISOString().replace(/\.\d+Z$/, 'Z'),
        permissions: appPermissions,
        repository_selection: 'selected',
      });
    }),
  ];
};

const deliveryRoutes = ({ store, courier }: Desk): readonly ApiRoute[] => {
  const { repositoryId } = store.settings;
  return [
    forTheApp('GET', '/app/hook/deliveries', ({ url }) => {
      const size = pageSize(url.searchParams);
      const status = url.searchParams.get('status');
      const cursor = url.searchParams.get('cursor') ?? '';
      const found = store.deliveries.list({
        ...(status === 'success' || status === 'failure' ? { outcome: status } : {}),
        ...(/^\d{1,15}$/.test(cursor) ? { from: Number(cursor) } : {}),
        limit: size + 1,
      });
      // The one beyond the page is where the next page begins.
      const next = found[size];
      const links = next ? linkHeader(url, [{ rel: 'next', name: 'cursor', value: next.id }]) : {};
      return json(
        200,
        found.slice(0, size).map((delivery) => deliveryShape(delivery, repositoryId)),
        links,
      );
    }),
    forTheApp('GET', '/app/hook/deliveries/:id', ({ parameters }) => {
      const delivery = store.deliveries.get(Number(parameters['id']));
      return delivery?.status ? json(200, fullDeliveryShape(delivery, repositoryId)) : notFound();
    }),
    forTheApp('POST', '/app/hook/deliveries/:id/attempts', ({ parameters }) => {
      const delivery = store.deliveries.get(Number(parameters['id']));
      if (!delivery) return notFound();
      courier.putAgain(delivery);
      courier.wake();
      return json(202, {});
    }),
  ];
};
