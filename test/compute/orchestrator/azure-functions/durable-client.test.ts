import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import type { InvocationContext } from '@azure/functions';
import { createJobId } from '../../../../contracts/ids.ts';
import {
  createLocalListener,
  createManagementUris,
} from '../../../../local/functions-host/functions-host.ts';
import { openDurableHost } from '../../../../local/durable-host/durable-host.ts';
import type {
  DurableClient,
  InstanceFilter,
  OrchestratorApp,
  Steps,
} from '../../../../compute/orchestrator/durable.ts';
import { readClientBinding } from '../../../../compute/orchestrator/azure-functions/client-binding.ts';
import { createDurableClient } from '../../../../compute/orchestrator/azure-functions/durable-client.ts';
import { listen, createWebListener } from '../../../../runtime/http-server.ts';
import {
  log,
  openOrchestratorFixture,
  waitUntil,
  type OrchestratorFixture,
} from '../../../fixtures/orchestrator/orchestrator-fixture.ts';

/*
 * The client for Azure, against the embedded host as the extension's listener on this machine. The public address, whose URIs contain the
 * system key, must not be called.
 */

const key = 'system-key';
const taskHub = 'hub';

const app: OrchestratorApp = {
  registry: {
    orchestrations: {
      Waiting: function* (context): Steps<unknown> {
        return yield context.df.waitForExternalEvent('Go');
      },
    },
    activities: {},
  },
  routes: [],
  events: [],
  queues: [],
  timers: [],
};

/** An invocation with what the worker passes for its client binding. */
const toInvocation = (binding: unknown) => ({
  extraInputs: { get: () => binding, set: () => {} } as InvocationContext['extraInputs'],
});

let fixture: OrchestratorFixture;
let binding: Record<string, unknown> & { rpcBaseUrl: string };
let client: DurableClient;
/** The requests that reached the public address. */
const publicCalls: string[] = [];
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
  const serve = (handle: (request: Request) => Promise<Response>) =>
    listen(
      createWebListener(handle, () => {}),
      { what: 'test', port: 0 },
    );
  const publicServer = await serve(async ({ method, url }) => {
    publicCalls.push(`${method} ${url}`);
    return new Response(null, { status: 503 });
  });
  const uris = createManagementUris({ baseUrl: publicServer.url, taskHub, key });
  const host = await openDurableHost({
    file: join(fixture.folder, 'client.db'),
    registry: app.registry,
    managementUris: uris,
    log,
  });
  let baseUrl = '';
  const local = createLocalListener({ client: host.client, taskHub, baseUrl: () => baseUrl });
  // The extension also ends a page where it likes, and says how to continue.
  const toShortPages = (request: Request) => new Request(request.url.replace('top=1000', 'top=2'), request);
  const server = await serve((request) => local.handle(toShortPages(request)));
  baseUrl = server.url;
  fixture.releases.push(
    () => host.close(),
    () => server.close(),
    () => publicServer.close(),
  );
  const durable = `${publicServer.url}/runtime/webhooks/durabletask`;
  const creation = `${durable}/orchestrators/{functionName}[/{instanceId}]?code=${key}`;
  binding = {
    taskHubName: taskHub,
    creationUrls: { createNewInstancePostUri: creation, createAndWaitOnNewInstancePostUri: creation },
    managementUrls: uris('INSTANCEID'),
    baseUrl: durable,
    requiredQueryStringParameters: `code=${key}`,
    rpcBaseUrl: local.rpcBaseUrl(),
  };
  client = createDurableClient(readClientBinding(toInvocation(binding)), fixture.storage.blobs, 1_000);
});
afterEach(() => expect(publicCalls).toEqual([]));
afterAll(async () => {
  await fixture.stopAll();
  await fixture.close();
});

const isOver = async (id: string) => (await client.status(id))?.runtimeStatus === 'Completed';

test('of many starts of one id, one starts it; after its end, none does', async () => {
  const id = createJobId();
  const starts = await Promise.all(Array.from({ length: 6 }, () => client.start('Waiting', id, { n: 1 })));
  expect(starts.filter(({ started }) => started)).toHaveLength(1);
  expect(await client.raiseEvent(id, 'Go', { done: true })).toBe(true);
  await waitUntil(() => isOver(id));
  expect(await client.start('Waiting', id, { n: 1 })).toMatchObject({
    started: false,
    status: {
      name: 'Waiting',
      instanceId: id,
      runtimeStatus: 'Completed',
      input: { n: 1 },
      output: { done: true },
    },
  });
  expect(await client.raiseEvent(id, 'Go', null)).toBe(false);
  expect(await client.terminate(id, 'late')).toBe(false);
  expect(await client.purge(id)).toBe(true);
  expect(await client.status(id)).toBeUndefined();
  expect(await client.purge(id)).toBe(false);
});

test('a start whose caller crashed after its claim is repeated', async () => {
  const id = createJobId();
  await fixture.storage.blobs.putOnce(`control/${id}/start`, '{}');
  expect(await client.start('Waiting', id, null)).toMatchObject({ started: true });
  expect(await client.terminate(id, 'enough: & more')).toBe(true);
  expect(await client.status(id)).toMatchObject({ runtimeStatus: 'Terminated' });
});

test('lists by prefix and status, newest first, page by page', async () => {
  const ids = [0, 1, 2].map((n) => `list-${n}`);
  for (const id of ids) await client.start('Waiting', id, null);
  await client.terminate('list-1', 'over');
  const filter = { prefix: 'list-' };
  const all = (await client.list(filter)).instances.map(({ instanceId }) => instanceId);
  expect(all.toSorted((a, b) => a.localeCompare(b))).toEqual(ids);
  const running = await client.list({ ...filter, statuses: ['Pending', 'Running'] });
  expect(running.instances).toHaveLength(2);

  const seen: string[] = [];
  let continuation: string | undefined;
  do {
    const page = await client.list({ ...filter, top: 2, ...(continuation ? { continuation } : {}) });
    seen.push(...page.instances.map(({ instanceId }) => instanceId));
    ({ continuation } = page);
  } while (continuation);
  expect(seen).toEqual(all);
  await expect(client.list({ ...filter, continuation: 'nonsense' })).rejects.toThrow('The continuation');
});

test('lists by the time of creation', async () => {
  const ids = Array.from({ length: 3 }, (_, n) => `time-${n}`);
  for (const id of ids) await client.start('Waiting', id, null);
  const { instances } = await client.list({ prefix: 'time-' });
  const createdFrom = instances[0]?.createdTime ?? '';
  const afterwards = new Date(Date.parse(createdFrom) + 3_600_000).toISOString();
  const list = async (filter: InstanceFilter) =>
    (await client.list({ prefix: 'time-', ...filter })).instances.length;
  expect(await list({ createdFrom: afterwards })).toBe(0);
  expect(await list({ createdTo: afterwards })).toBe(3);
  expect(await list({ createdFrom: '2026-01-01T00:00:00Z', createdTo: '2026-01-02T00:00:00Z' })).toBe(0);
});

test('management URIs are public, for the response to a start', () => {
  const uris = client.managementUris('job-$&');
  expect(uris).toMatchObject({ id: 'job-$&' });
  expect(uris['statusQueryGetUri']).toMatch(/\/instances\/job-\$&\?.*code=system-key/);
});

test.each([
  ['no binding', undefined, 'the input: expected an object'],
  [
    'no local listener',
    { rpcBaseUrl: undefined },
    "rpcBaseUrl: expected the address of the extension's listener",
  ],
  ['an empty address', { rpcBaseUrl: '' }, 'rpcBaseUrl: expected the address'],
  ['a path for an address', { rpcBaseUrl: 'durabletask/' }, 'rpcBaseUrl: expected the address'],
  ['no management URIs', { managementUrls: undefined }, 'managementUrls: expected'],
  ['management URIs without a placeholder', { managementUrls: { id: '' } }, 'managementUrls.id: expected'],
])('a fault that contains no key: %s', (_, change, expected) => {
  const wrong = change && { ...binding, ...change };
  const read = () => readClientBinding(toInvocation(wrong));
  expect(read).toThrow(expected);
  expect(read).toThrow('Run the app with the extension bundle that its host.json names.');
  expect(read).not.toThrow(key);
});

test('an error names the status, not the address', async () => {
  const wrong = createDurableClient(
    readClientBinding(
      toInvocation({ ...binding, rpcBaseUrl: new URL('elsewhere', binding.rpcBaseUrl).href }),
    ),
    fixture.storage.blobs,
  );
  await expect(wrong.list({})).rejects.toThrow(/responded 404 to a GET$/);
});
