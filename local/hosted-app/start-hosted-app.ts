import { join } from 'node:path';
import type { Releases } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import { openDurableHost } from '../durable-host/durable-host.ts';
import { createFunctionsHost, createManagementUris } from '../functions-host/functions-host.ts';
import { createDurableBinding } from './durable-binding.ts';
import { createRegistry } from './durable-functions.ts';
import { DurableStorage, type FlushStorage } from './durable-storage.ts';
import { listenEarly } from './early-listener.ts';
import { serveLocalExtension } from './local-extension.ts';
import { openAppPackage, packageFolder } from './package/app-package.ts';
import type { HostedAppSettings } from './settings.ts';
import { createEventFunctions } from './triggers/event-grid-trigger.ts';
import { createRoutes } from './triggers/http-trigger.ts';
import { startQueueTriggers } from './triggers/queue-trigger.ts';
import { startTimers } from './triggers/timer-trigger.ts';
import { loadApp } from './worker/functions-worker.ts';
import { createInvoker, selectByTrigger } from './worker/invoke-function.ts';

type HostedAppOptions = {
  /** The app's settings, which the app itself reads from the environment of this process. */
  environment: NodeJS.ProcessEnv;
  flush: FlushStorage;
  releases: Releases;
  log: Logger;
};

/**
 * Loads a Functions app from its package and runs it, as the Functions host and its worker do: its routes, timers, queue and Event Grid
 * triggers, and its orchestrations on the durable host, with a full replay in each episode. `releases` stops it.
 * @throws SettingsError, PortInUseError, or the error with which the app fails to load
 */
export const startHostedApp = async (
  settings: HostedAppSettings,
  { environment, flush, releases, log }: HostedAppOptions,
): Promise<{ port: number }> => {
  const { FUNCTIONS_HOST_FOLDER: folder, FUNCTIONS_HOST_SYSTEM_KEY: systemKey } = settings;
  const app = openAppPackage(settings.FUNCTIONS_HOST_PACKAGE, join(folder, packageFolder));
  const { taskHub, maxActivities, queues: queueOptions } = app.host;
  const front = await listenEarly({
    what: 'the orchestrator',
    port: settings.FUNCTIONS_HOST_PORT,
    releases,
    log,
  });
  const publicUrl = settings.FUNCTIONS_HOST_PUBLIC_URL ?? front.url;
  const extension = await serveLocalExtension({ taskHub, releases, log });

  const worker = await loadApp(app.scripts, app.isModule, log);
  const { rpcBaseUrl } = extension;
  const durableClient = createDurableBinding({ publicUrl, taskHub, systemKey, rpcBaseUrl });
  const invoke = createInvoker({ worker, inputs: { durableClient }, log });
  const select = (type: string) => selectByTrigger(worker.functions, type);

  const storage = new DurableStorage(flush);
  const host = await openDurableHost({
    file: join(folder, 'jobs.db'),
    registry: createRegistry({ select, invoke, storage }),
    sessions: 'hosted',
    activities: maxActivities,
    managementUris: createManagementUris({ baseUrl: publicUrl, taskHub, key: systemKey }),
    log,
  });
  releases.add('the durable host', () => host.close());
  extension.connect(host.client);

  const routes = createRoutes({
    functions: select('httpTrigger'),
    invoke,
    httpUri: worker.httpUri,
    storage,
  });
  const events = createEventFunctions(select('eventGridTrigger'), invoke);
  const functions = createFunctionsHost({
    app: { routes, events, timers: [] },
    host,
    systemKey,
    baseUrl: () => publicUrl,
    taskHub,
    log,
  });
  front.answer(functions.handle);
  const timers = startTimers({ functions: select('timerTrigger'), invoke, log });
  releases.add('the timers', timers.stop);
  const queues = startQueueTriggers({
    functions: select('queueTrigger'),
    invoke,
    options: queueOptions,
    settings: environment,
    log,
  });
  releases.add('the queue triggers', queues.stop);
  return { port: front.port };
};
