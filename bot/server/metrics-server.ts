import type { Registry } from 'prom-client';
import type { Logger } from '../../runtime/log.ts';
import { listen, createWebListener, type RunningServer } from '../../runtime/http-server.ts';

/**
 * Serves `/metrics` for Prometheus on a separate port: the port of the webhooks is public, and the metrics reveal the installations and
 * what people do.
 * @throws PortInUseError
 */
export const serveMetrics = (
  registry: Registry,
  address: { host: string; port: number },
  log: Logger,
): Promise<RunningServer> => {
  const listener = createWebListener(
    async (request) =>
      new URL(request.url).pathname === '/metrics'
        ? new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } })
        : new Response('not found\n', { status: 404 }),
    (err) => log.error({ err }, 'a request for metrics failed'),
  );
  return listen(listener, { what: 'the bot’s metrics', ...address });
};
