import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OrchestrationContext, Task } from 'durable-functions';
import { openDurableHost, type DurableHost } from '../../../local/durable-host/index.ts';
import { functionsHandler, managementUris } from '../../../local/functions-host/index.ts';
import type {
  EventFunction,
  OrchestratorApp,
  Route,
  TimerFunction,
} from '../../../compute/orchestrator/durable.ts';
import { logger } from '../../../runtime/log.ts';
import { listen, webListener } from '../../../runtime/serve.ts';

export const keys = { function: 'function-key', system: 'system-key' };
const taskHub = 'hub';

type Silent = Generator<Task, void, never>;

/** Waits for one event `Go`, shows and returns its data; `{"fail":true}` makes it fail. */
const Waits = function* (context: OrchestrationContext): Generator<Task, unknown, never> {
  const data: unknown = yield context.df.waitForExternalEvent('Go');
  context.df.setCustomStatus({ got: data });
  if ((data as { fail?: boolean } | null)?.fail) throw new Error('as asked');
  return data;
};
const Echoes = function* (context: OrchestrationContext): Silent {
  yield context.df.callActivity('echo', context.df.getInput());
};

/** A Functions host on a real port. */
export type Site = {
  url: string;
  host: DurableHost;
  /** Calls a path with the system key, unless another one is given. */
  call(
    method: string,
    path: string,
    options?: { key?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<Response>;
  ended(id: string): Promise<void>;
  close(): Promise<void>;
};

type Parts = { routes?: Route[]; events?: EventFunction[]; timers?: TimerFunction[] };

export const openSite = async ({ routes = [], events = [], timers = [] }: Parts = {}): Promise<Site> => {
  const folder = await mkdtemp(join(tmpdir(), 'functions-'));
  let url = '';
  const app: OrchestratorApp = {
    registry: { orchestrations: { Waits, Echoes }, activities: { echo: async (value: unknown) => value } },
    routes,
    events,
    timers,
  };
  const log = logger('test', 'silent');
  const host = await openDurableHost({
    file: join(folder, 'jobs.db'),
    registry: app.registry,
    managementUris: (id) => managementUris({ baseUrl: url, taskHub, key: keys.system })(id),
    log,
  });
  const functions = functionsHandler({ app, host, systemKey: keys.system, baseUrl: () => url, taskHub, log });
  const server = await listen(
    webListener(functions.handle, () => {}),
    { what: 'the test', port: 0 },
  );
  url = server.url;
  return {
    url,
    host,
    call: (method, path, { key = keys.system, body, headers = {} } = {}) => {
      const isText = typeof body === 'string';
      return fetch(`${url}${path}`, {
        method,
        headers: {
          'x-functions-key': key,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
      });
    },
    ended: async (id) => {
      while (['Pending', 'Running'].includes((await host.client.status(id))?.runtimeStatus ?? 'Pending'))
        await sleep(2);
    },
    close: async () => {
      await functions.stop();
      await server.close();
      await host.close();
      await rm(folder, { recursive: true });
    },
  };
};
