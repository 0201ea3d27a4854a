import type { Logger } from '../../runtime/log.ts';
import type { OrchestratorApp } from '../../compute/orchestrator/durable.ts';
import type { DurableHost } from '../durable-host/durable-host.ts';
import { emptyResponse } from './responses.ts';
import { createHttpFunctions } from './http-functions.ts';
import { createDurableHttpApi } from './durable-http/durable-http.ts';
import { createEventGridTrigger, eventGridPath } from './event-grid-trigger.ts';
import { createSystemKeyCheck } from './system-key.ts';
import { durablePath } from './management-uris.ts';
import { startTimerSchedule } from './timer-schedule.ts';

export { createLocalListener } from './local-listener.ts';
export { createManagementUris, type ManagementOptions } from './management-uris.ts';

export type FunctionsHostOptions = {
  app: Pick<OrchestratorApp, 'routes' | 'events' | 'timers'>;
  host: DurableHost;
  /** The key for the Durable HTTP API and the Event Grid trigger. The app's own routes have their own authentication. */
  systemKey: string;
  /** Returns the base URL of this handler. */
  baseUrl: () => string;
  taskHub: string;
  log: Logger;
};

/** A running app. */
export type FunctionsHost = {
  /** Handles one request, for `createWebListener`. */
  handle: (request: Request) => Promise<Response>;
  /** Stops the timer functions. */
  stop: () => Promise<void>;
};

/**
 * Runs an app as the Azure Functions host does: its HTTP functions below `/api`, the Durable HTTP API, the Event Grid trigger, its timers,
 * and `/healthz`.
 */
export const createFunctionsHost = ({
  app,
  host,
  systemKey,
  baseUrl,
  taskHub,
  log,
}: FunctionsHostOptions): FunctionsHost => {
  const { client } = host;
  const mayCall = createSystemKeyCheck(systemKey);
  const api = createHttpFunctions({ routes: app.routes, client });
  const durable = createDurableHttpApi({
    client,
    mayCall,
    url: () => `${baseUrl()}/${durablePath}`,
    taskHub,
  });
  const eventGrid = createEventGridTrigger({ functions: app.events, client, mayCall });
  const schedule = startTimerSchedule(app.timers, client, log);

  const handle = async (request: Request): Promise<Response> => {
    const path = new URL(request.url).pathname.slice(1);
    if (path === 'healthz') return Response.json({ status: 'ok' });
    if (path.startsWith('api/')) return api(request, path.slice('api/'.length));
    if (path.startsWith(`${durablePath}/`)) return durable(request, path.slice(durablePath.length + 1));
    return path === eventGridPath ? eventGrid(request) : emptyResponse(404);
  };
  return { handle, stop: () => schedule.stop() };
};
