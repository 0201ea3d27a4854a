import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createJobId, type JobId } from '../../../../contracts/ids.ts';
import { createProcessLauncher } from '../../../../compute/launcher/process/process-launcher.ts';
import { createDurableClient } from '../../../../compute/orchestrator/azure-functions/durable-client.ts';
import type { DurableClient } from '../../../../compute/orchestrator/durable.ts';
import { createHttpFunctions } from '../../../../local/functions-host/http-functions.ts';
import {
  createLocalListener,
  createManagementUris,
} from '../../../../local/functions-host/functions-host.ts';
import { createWebListener, listen } from '../../../../runtime/http-server.ts';
import { getSecretEncodings } from '../../../../runtime/secret-encodings.ts';
import { client as application, startEntraIssuer, tenant } from '../../../fakes/entra-issuer.ts';
import { startTokenIssuer, type TokenIssuer } from '../../../fakes/token-issuer.ts';
import { startFakeRelay, startFakeWorker } from '../../../fakes/block-worker.ts';
import { approval, code, toPerson } from '../../../fixtures/orchestrator/jobs-with-conditions.ts';
import {
  openOrchestratorFixture,
  openTestOrchestrator,
  waitUntil,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../../fixtures/orchestrator/orchestrator-fixture.ts';
import { listStoredTexts } from '../../../fixtures/stored-texts.ts';
import {
  openTestAuthenticator,
  platformKey,
  toKeyRule,
} from '../../../fixtures/orchestrator/test-authenticator.ts';

/*
 * The system key allows everything. It is in the management URIs that the extension passes to the app, and in the extension's own answers.
 * It must leave the app only in the answer to a start with the platform's own key: everything else that leaves is searched for it, in every
 * encoding, while jobs of both kinds run through their lives and every kind of caller calls every route.
 */

const systemKey = 'Sy5tem+key/of~the extension==';
const forms = getSecretEncodings([systemKey], { value: 4, derived: 4 });
const contains = (text: string): boolean => forms.some((form) => text.includes(form));

type Exchange = { caller: string; route: string; status: number; text: string };

let fixture: OrchestratorFixture;
let issuers: TokenIssuer[];
let platform: TestOrchestrator;
let durable: DurableClient;
let logLines: Record<string, unknown>[];
let url = '';
/** Whether the extension answers everything with an error that shows the key. */
let isExtensionBroken = false;
const exchanges: Exchange[] = [];
const errors: unknown[] = [];
let callers: Record<string, () => Promise<Record<string, string>>>;

beforeAll(async () => {
  const [opened, issuer, entra] = await Promise.all([
    openOrchestratorFixture(),
    startTokenIssuer(),
    startEntraIssuer(),
  ]);
  fixture = opened;
  issuers = [issuer, entra];
  const scopes = ['start', 'read', 'approve'];
  const everything = { scopes, tasks: ['Talk'], algorithms: ['sum'] };
  const { access, log, lines } = openTestAuthenticator({
    issuer,
    entra,
    trust: [
      { repositoryId: '74', ...everything },
      { tenant, clientId: application, repositories: [74], ...everything },
    ],
    keys: [toKeyRule('the-key-of-a-guest', everything), toKeyRule('the-key-to-read', { scopes: ['read'] })],
  });
  logLines = lines;
  callers = {
    nobody: async () => ({}),
    'a wrong key': async () => ({ 'x-functions-key': 'the-key-to-nothing' }),
    'a key to read': async () => ({ 'x-functions-key': 'the-key-to-read' }),
    'a guest’s key': async () => ({ 'x-functions-key': 'the-key-of-a-guest' }),
    'a workflow': async () => ({ authorization: `Bearer ${await issuer.token()}` }),
    'an application': async () => ({ authorization: `Bearer ${await entra.token()}` }),
    'the platform': async () => ({ 'x-functions-key': platformKey }),
  };

  const { blobs } = fixture.storage;
  const talk = { taskName: 'Talk', dockerImage: 'image', scriptName: 'talk.sh', timeoutSeconds: 60 };
  await blobs.put('tasks/Talk.json', JSON.stringify(talk));
  await blobs.put('tasks/talk.sh', '#!/bin/sh\nenv; ps -ef 2>/dev/null || true\n');
  const launcher = createProcessLauncher({ folder: join(fixture.folder, 'runs'), log });
  fixture.releases.push(() => launcher.close());
  platform = await openTestOrchestrator(fixture, { access, log, launcher, sessions: 'replay' });

  const serve = async (handle: (request: Request) => Promise<Response>) => {
    const server = await listen(
      createWebListener(handle, (error) => errors.push(error)),
      { what: 'the test', port: 0 },
    );
    fixture.releases.push(() => server.close());
    return server.url;
  };
  const managementUris = createManagementUris({
    baseUrl: 'https://app.example',
    taskHub: 'hub',
    key: systemKey,
  });
  let extensionUrl = '';
  const extension = createLocalListener({
    client: { ...platform.client, managementUris },
    taskHub: 'hub',
    baseUrl: () => extensionUrl,
  });
  extensionUrl = await serve(async (request) =>
    isExtensionBroken
      ? Response.json(managementUris('broken'), { status: 418, statusText: systemKey })
      : extension.handle(request),
  );
  const binding = { rpcBaseUrl: extension.rpcBaseUrl(), managementUrls: managementUris('INSTANCEID') };
  durable = createDurableClient(binding as Parameters<typeof createDurableClient>[0], blobs);
  const functions = createHttpFunctions({ routes: platform.app.routes, client: durable });
  url = await serve((request) => functions(request, new URL(request.url).pathname.slice('/api/'.length)));
});
afterAll(async () => {
  await fixture.stopAll();
  await Promise.all([fixture.close(), ...issuers.map((issuer) => issuer.close())]);
});

/** Calls a route as a caller, and records everything of the answer. */
const call = async (caller: string, route: string, path: string, body?: object) => {
  const { method } = platform.app.routes.find(({ name }) => name === route) ?? {};
  const headers = { ...(await callers[caller]?.()), 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/${path}`, {
    method: method ?? '',
    headers,
    ...(body && { body: JSON.stringify(body) }),
    redirect: 'manual',
  });
  const content = await response.text();
  const text = [response.statusText, JSON.stringify([...response.headers]), content].join('\n');
  exchanges.push({ caller, route, status: response.status, text });
  return {
    status: response.status,
    id: (JSON.parse(content || '{}') as { id: JobId }).id,
  };
};
/** Calls a route as each caller, the platform last. */
const callAsAll = async (route: string, path: string, body?: (caller: string) => object) => {
  for (const caller of Object.keys(callers)) await call(caller, route, path, body?.(caller));
};
const readAll = async (id: JobId) => {
  for (const [route, path] of [
    ['ListTasks', 'tasks'],
    ['ListJobs', 'jobs?top=50'],
    ['GetJob', `jobs/${id}`],
    ['JobLog', `jobs/${id}/log`],
    ['ListLocks', 'locks?scope=127.0.0.1%2F74'],
  ] as const)
    await callAsAll(route, path);
};

const origin = { host: '127.0.0.1', repository: { id: 74, name: 'octo-org/octo-repo' } };
const work = { algorithm: 'sum', inputCount: 2, blockSize: 1, origin };
const start = (caller: string, more: object = {}) =>
  call(caller, 'StartCompute', 'orchestrators/ComputeOrchestrator', { ...work, ...more });
const startTask = (caller: string, more: object = {}) =>
  call(caller, 'StartTask', 'tasks', { taskName: 'Talk', origin, ...more });
const ended = (id: JobId) =>
  waitUntil(async () => !['Pending', 'Running'].includes((await durable.status(id))?.runtimeStatus ?? ''));

const isStart = ({ caller, route, status }: Exchange): boolean =>
  caller === 'the platform' && ['StartCompute', 'StartTask'].includes(route) && [200, 202].includes(status);

test('the search finds the key wherever a start shows it to the platform', async () => {
  const jobId = createJobId();
  expect([
    (await start('the platform', { jobId })).status,
    (await start('the platform', { jobId })).status,
  ]).toEqual([202, 200]);
  expect((await startTask('the platform')).status).toBe(202);
  expect(exchanges.filter(isStart)).toHaveLength(3);
  for (const { text } of exchanges) {
    expect(text).toMatch(/"location","https:\/\/app\.example/);
    expect(contains(text)).toBe(true);
  }
});

test('every caller calls every route, through the lives of jobs', async () => {
  const conditions = { approval: { ...approval, code }, locks: [{ scope: '127.0.0.1/74', key: 'vm/web-1' }] };
  const waiting = { jobId: createJobId(), origin, conditions };
  await start('the platform', waiting);
  const rejected = (await start('the platform', { conditions })).id;
  await callAsAll('PutInputs', 'inputs', () => ({ inputs: [1] }));
  for (const caller of Object.keys(callers)) {
    await start(caller);
    await startTask(caller);
    // The redelivery of a start, and a conflict with it.
    await start(caller, waiting);
    await start(caller, { ...waiting, inputCount: 3 });
  }
  await readAll(waiting.jobId);
  const by = toPerson('lisa');
  await callAsAll('ApproveJob', `jobs/${waiting.jobId}/approve`, () => ({ by, code }));
  await callAsAll('RejectJob', `jobs/${rejected}/reject`, () => ({ by, code, reason: 'no' }));
  const lock = { scope: '127.0.0.1/74', key: 'vm/web-1', by, reason: null };
  await callAsAll('LockByHand', 'locks', () => lock);
  await callAsAll('UnlockByHand', 'locks/release', () => lock);
  await callAsAll('EndLocks', 'locks/end', () => lock);
  await readAll(waiting.jobId);

  const canceled = (await start('the platform')).id;
  await callAsAll('CancelJob', `jobs/${canceled}/cancel`, () => ({ by: 'mona' }));
  const task = (await startTask('the platform')).id;
  startFakeWorker(fixture);
  startFakeRelay(fixture, platform);
  await ended(waiting.jobId);
  await Promise.all([canceled, rejected, task].map((id) => ended(id)));
  for (const id of [waiting.jobId, canceled, task]) await readAll(id);

  const lease = (name: string) => ({ name, holder: 'action', seconds: 10 });
  await callAsAll('TakeLease', 'leases', () => lease('reply/127.0.0.1/74/9'));
  await callAsAll('ReleaseLease', 'leases/release', () => lease('reply/127.0.0.1/74/9'));
  for (const queue of platform.app.queues) await queue.handle('not an event', durable);
  for (const timer of platform.app.timers) await timer.handle(durable);

  const pairs = new Set(exchanges.map(({ caller, route }) => `${caller}: ${route}`));
  const all = platform.app.routes.flatMap(({ name }) => Object.keys(callers).map((one) => `${one}: ${name}`));
  expect([...pairs].toSorted()).toEqual(all.toSorted());
  const byPlatform = exchanges.filter(({ caller }) => caller === 'the platform');
  expect(byPlatform.filter(({ status }) => status >= 500)).toEqual([]);
});

test('errors of the extension do not pass the key on', async () => {
  isExtensionBroken = true;
  for (const caller of Object.keys(callers)) await start(caller);
  await readAll(createJobId());
  for (const timer of platform.app.timers)
    await timer.handle(durable).catch((error: unknown) => errors.push(error));
  isExtensionBroken = false;
  expect(errors.length).toBeGreaterThan(0);
});

test('nothing that has left contains the key', async () => {
  const answers = exchanges.filter((exchange) => !isStart(exchange) && contains(exchange.text));
  expect(answers).toEqual([]);
  const faults = inspect([...errors, ...logLines], { depth: 20, showHidden: true, maxStringLength: null });
  expect(contains(faults)).toBe(false);

  const stored = await listStoredTexts(fixture.connectionString);
  const { instances } = await platform.client.list({ top: 1_000 });
  for (const status of instances)
    stored.push(JSON.stringify([status, await platform.client.history(status.instanceId)]));
  expect(stored.length).toBeGreaterThan(50);
  expect(stored.filter((text) => contains(text))).toEqual([]);
});
