import { join } from 'node:path';
import type { Releases } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import { allowLocalOnly } from '../../runtime/local-only.ts';
import { listen, createWebListener } from '../../runtime/http-server.ts';
import type { OrchestratorApp } from '../../compute/orchestrator/durable.ts';
import { openDurableHost, type DurableHost } from '../durable-host/durable-host.ts';
import { createFunctionsHost, createManagementUris } from '../functions-host/functions-host.ts';

export type OpenAppOptions = {
  /** The data folder. */
  folder: string;
  /** The base URL of the app. */
  url: string;
  systemKey: string;
  releases: Releases;
  log: Logger;
};

/** An app on its durable host. `handle` answers a request, for `createWebListener`. */
export type RunningApp = { host: DurableHost; handle: (request: Request) => Promise<Response> };

const taskHub = 'coxswain';

/** Opens the durable host with the jobs of the data folder, and runs the app on it. */
export const openApp = async (
  app: OrchestratorApp,
  { folder, url, systemKey, releases, log }: OpenAppOptions,
): Promise<RunningApp> => {
  const host = await openDurableHost({
    file: join(folder, 'jobs.db'),
    registry: app.registry,
    managementUris: createManagementUris({ baseUrl: url, taskHub, key: systemKey }),
    log,
  });
  releases.add('the durable host', () => host.close());
  const functions = createFunctionsHost({ app, host, systemKey, baseUrl: () => url, taskHub, log });
  releases.add('the timers', () => functions.stop());
  return { host, handle: functions.handle };
};

/** Opens an app, and serves it to this machine. @throws PortInUseError */
export const serveApp = async (
  app: OrchestratorApp,
  { port, ...options }: OpenAppOptions & { port: number },
): Promise<DurableHost> => {
  const { releases, log } = options;
  const { host, handle } = await openApp(app, options);
  const listener = allowLocalOnly(
    createWebListener(handle, (error) => log.error({ err: error }, 'request failed')),
  );
  const server = await listen(listener, { what: 'the orchestrator', port });
  releases.add('the orchestrator', () => server.close());
  return host;
};
