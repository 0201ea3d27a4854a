import { collectDefaultMetrics } from 'prom-client';
import type { Logger } from '../../runtime/log.ts';
import { listen, createWebListener, type RunningServer } from '../../runtime/http-server.ts';
import type { Worker } from './worker.ts';

/** Serves `/healthz` (the process runs), `/readyz` (it receives messages) and `/metrics` (Prometheus) of a worker. */
export const serveHealth = (
  worker: Worker,
  address: { host: string; port: number },
  log: Logger,
): Promise<RunningServer> => {
  // Not for every worker: these metrics observe the event loop, which costs an idle worker more than its polling.
  collectDefaultMetrics({ register: worker.metrics.registry });
  const listener = createWebListener(
    (request) => handleRequest(worker, new URL(request.url).pathname),
    (error) => log.error({ err: error }, 'health request failed'),
  );
  return listen(listener, { what: 'the worker’s health', ...address });
};

const handleRequest = async (worker: Worker, path: string): Promise<Response> => {
  if (path === '/healthz') return new Response('ok\n');
  if (path === '/readyz')
    return worker.isReady() ? new Response('ready\n') : new Response('not ready\n', { status: 503 });
  if (path !== '/metrics') return new Response('not found\n', { status: 404 });
  const { registry } = worker.metrics;
  return new Response(await registry.metrics(), { headers: { 'content-type': registry.contentType } });
};
