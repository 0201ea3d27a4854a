import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import * as df from 'durable-functions';
import { createJobId } from '../../../../contracts/ids.ts';
import {
  createFunctionsHost,
  createManagementUris,
} from '../../../../local/functions-host/functions-host.ts';
import { openDurableHost } from '../../../../local/durable-host/durable-host.ts';
import type { DurableClient, OrchestratorApp, Steps } from '../../../../compute/orchestrator/durable.ts';
import { createDurableClient } from '../../../../compute/orchestrator/azure-functions/durable-client.ts';
import { listen, createWebListener } from '../../../../runtime/http-server.ts';
import {
  log,
  openOrchestratorFixture,
  waitUntil,
  type OrchestratorFixture,
} from '../../../fixtures/orchestrator/orchestrator-fixture.ts';

/* The client for Azure on top of durable-functions' client, against the Durable HTTP API of the embedded host. */

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
  timers: [],
};

/** durable-functions' client as a function of a Functions app gets it, with data from the host. */
const clientOf = (data: unknown): df.DurableClient => {
  const input = { type: 'durableClient', name: 'client' };
  const context = { options: { extraInputs: [input] }, extraInputs: { get: () => data } };
  // Without a host name, it would use the host's default local port.
  process.env['WEBSITE_HOSTNAME'] = 'test';
  const client = df.getClient(context as never);
  delete process.env['WEBSITE_HOSTNAME'];
  return client;
};

let fixture: OrchestratorFixture;
let sdk: df.DurableClient;
let client: DurableClient;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
  let baseUrl = '';
  const host = await openDurableHost({
    file: join(fixture.folder, 'client.db'),
    registry: app.registry,
    managementUris: (id) => createManagementUris({ baseUrl, taskHub, key })(id),
    log,
  });
  const functions = createFunctionsHost({ app, host, systemKey: key, baseUrl: () => baseUrl, taskHub, log });
  const server = await listen(
    createWebListener(functions.handle, () => {}),
    { what: 'test', port: 0 },
  );
  baseUrl = server.url;
  fixture.releases.push(
    () => host.close(),
    () => functions.stop(),
    () => server.close(),
  );
  const uris = createManagementUris({ baseUrl, taskHub, key })('INSTANCEID');
  const durable = `${baseUrl}/runtime/webhooks/durabletask`;
  const creation = `${durable}/orchestrators/{functionName}[/{instanceId}]?code=${key}`;
  const data = {
    taskHubName: taskHub,
    creationUrls: { createNewInstancePostUri: creation, createAndWaitOnNewInstancePostUri: creation },
    managementUrls: { ...uris, id: 'INSTANCEID' },
    baseUrl: durable,
    requiredQueryStringParameters: `code=${key}`,
  };
  sdk = clientOf(data);
  client = createDurableClient(sdk, fixture.storage.blobs, 1_000);
});
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

test('an error contains no key', async () => {
  const { statusQueryGetUri } = sdk.createHttpManagementPayload('x');
  const wrong = createDurableClient(
    {
      createHttpManagementPayload: () => ({
        statusQueryGetUri: statusQueryGetUri.replace(key, 'another-key'),
      }),
      startNew: () => Promise.reject(new Error('never')),
    },
    fixture.storage.blobs,
  );
  await expect(wrong.status('x')).rejects.toThrow(/responded 40[13] to a GET$/);
});
