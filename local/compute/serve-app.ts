import { join } from 'node:path';
import type { Releases } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import { allowLocalOnly } from '../../runtime/local-only.ts';
import { listen, createWebListener } from '../../runtime/http-server.ts';
import type { OrchestratorApp } from '../../compute/orchestrator/durable.ts';
import { openDurableHost, type DurableHost } from '../durable-host/durable-host.ts';
import { createFunctionsHost, createManagementUris } from '../functions-host/functions-host.ts';

export type ServeAppOptions = {
  /** The data folder. */
  folder: string;
  /** The base URL, at this port. */
  url: string;
  port: number;
  systemKey: string;
  releases: Releases;
  log: Logger;
};

const taskHub = 'coxswain';

/** Opens the durable host with the jobs of the data folder, and serves the app as the Functions host does. @throws PortInUseError */
export const serveApp = async (
  app: OrchestratorApp,
  { folder, url, port, systemKey, releases, log }: ServeAppOptions,
): Promise<DurableHost> => {
  const host = await openDurableHost({
    file: join(folder, 'jobs.db'),
    registry: app.registry,
    managementUris: createManagementUris({ baseUrl: url, taskHub, key: systemKey }),
    log,
  });
  releases.add('the durable host', () => host.close());
  const functions = createFunctionsHost({ app, host, systemKey, baseUrl: () => url, taskHub, log });
  releases.add('the timers', () => functions.stop());
  const listener = allowLocalOnly(
    createWebListener(functions.handle, (error) => log.error({ err: error }, 'request failed')),
  );
  const server = await listen(listener, { what: 'the orchestrator', port });
  releases.add('the orchestrator', () => server.close());
  return host;
};
