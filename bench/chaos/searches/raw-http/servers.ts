import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { loadRegisteredSettings } from '../../../../bot/install/load-registered-settings.ts';
import { openGitHubEmulator } from '../../../../local/github-emulator/github-emulator.ts';
import { readUnregisteredSettings } from '../../../../bot/settings.ts';
import { openDurableHost } from '../../../../local/durable-host/durable-host.ts';
import {
  createFunctionsHost,
  createManagementUris,
} from '../../../../local/functions-host/functions-host.ts';
import { serveHealth } from '../../../../compute/worker/health.ts';
import type { Worker } from '../../../../compute/worker/worker.ts';
import type { Releases } from '../../../../runtime/lifecycle.ts';
import { createLogger } from '../../../../runtime/log.ts';
import { listen, createWebListener } from '../../../../runtime/http-server.ts';
import { openServer } from '../../../../test/fixtures/bot-server.ts';
import {
  openOrchestratorFixture,
  openTestOrchestrator,
  platformKey,
} from '../../../../test/fixtures/orchestrator/orchestrator-fixture.ts';
import type { RawRoute } from './requests.ts';
import { openStorageServers } from './storage.ts';

/** One of our servers, and its routes. */
export type RawTarget = { name: string; port: number; routes: readonly RawRoute[] };

const log = createLogger('search', 'silent');
const json = { 'content-type': 'application/json' };
const parsePort = (url: string): number => Number(new URL(url).port);

/** The bot's server, with Probot behind it. */
const openBot = async (releases: Releases): Promise<RawTarget> => {
  const server = await openServer();
  releases.add('the bot', () => server.close());
  const user = { id: 1, login: 'mona', type: 'User' };
  const repository = { id: 1, full_name: 'acme/ops' };
  const comment = {
    id: 1,
    body: '/help',
    user,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
  };
  const issue = { number: 1, labels: [{ name: 'a' }], comments: 1 };
  const common = { repository, sender: user, installation: { id: 3 } };
  const bodies = {
    issue_comment: { action: 'edited', issue, comment, changes: { body: { from: 'x' } }, ...common },
    pull_request: { action: 'opened', number: 1, pull_request: { head: { sha: 'a'.repeat(40) } }, ...common },
    pull_request_review_comment: { action: 'created', comment, pull_request: { number: 1 }, ...common },
    pull_request_review: {
      action: 'submitted',
      review: { id: 1, body: '/help', user, submitted_at: '2026-01-01T00:00:00Z' },
      pull_request: { number: 1, labels: [{ name: 'a' }] },
      ...common,
    },
    ping: { zen: 'x', hook_id: 1 },
  };
  const webhooks = Object.entries(bodies).map(([event, body]): RawRoute => ({
    method: 'POST',
    path: '/api/github/webhooks',
    headers: { ...json, 'x-github-event': event, 'x-github-delivery': 'd' },
    body,
    secret: 'a secret',
  }));
  const plain = ['/healthz', '/readyz', '/metrics', '/{}'];
  return {
    name: 'bot',
    port: parsePort(server.url),
    routes: [...webhooks, ...plain.map((path) => ({ method: 'GET', path, headers: {} }))],
  };
};

const id = 'job-0123456789abcdef0123456789abcdef';
const origin = {
  host: 'github.com',
  repository: { id: 1, name: 'a/b' },
  thread: { number: 1, kind: 'issue' },
  notes: { code: 'x' },
};
const person = { id: 1, login: 'mona' };

/** Valid bodies of the orchestrator's routes, by method and path. */
const orchestratorBodies: Readonly<Record<string, unknown>> = {
  'POST orchestrators/ComputeOrchestrator': {
    jobId: id,
    inputCount: 1,
    algorithm: 'sleep',
    parameters: { a: 1 },
    origin,
    conditions: { locks: [{ key: 'a', slots: 1 }] },
  },
  'POST tasks': {
    jobId: id,
    taskName: 'Hello',
    parameters: [{ name: 'who', value: 'x' }],
    origin,
    timeoutSeconds: 9,
  },
  'POST leases': { name: 'entry/github.com/1/1', holder: 'app', seconds: 60 },
  'POST leases/release': { name: 'entry/github.com/1/1', holder: 'app' },
  'POST locks': { scope: 'github.com/1', key: 'vm/a', by: person, reason: 'x' },
  'POST locks/release': { scope: 'github.com/1', key: 'vm/a', by: person },
  'POST locks/end': { scope: 'github.com/1', thread: 7, takenBefore: '2026-03-01T12:00:00Z' },
  'POST jobs/{id}/approve': { by: person, code: 'abc' },
  'POST jobs/{id}/reject': { by: person, code: 'abc', reason: 'x' },
  'POST jobs/{id}/cancel': { by: 'mona' },
  'POST inputs': [1, 2],
};

const durableRoutes: readonly Pick<RawRoute, 'method' | 'path' | 'body'>[] = [
  { method: 'POST', path: 'orchestrators/{}', body: { a: 1 } },
  { method: 'POST', path: 'orchestrators/ComputeOrchestrator/{}', body: { a: 1 } },
  { method: 'GET', path: 'instances' },
  { method: 'DELETE', path: 'instances' },
  { method: 'GET', path: 'instances/{}' },
  { method: 'DELETE', path: 'instances/{}' },
  { method: 'POST', path: 'instances/{}/terminate' },
  { method: 'POST', path: 'instances/{}/raiseEvent/{}', body: { a: 1 } },
  { method: 'POST', path: 'instances/{}/restart' },
];

/** The orchestrator in the embedded Functions host, on a real storage service. */
const openFunctions = async (releases: Releases, folder: string): Promise<RawTarget> => {
  const fixture = await openOrchestratorFixture();
  releases.add('storage', () => fixture.close());
  releases.add('running work', () => fixture.stopAll());
  const { app } = await openTestOrchestrator(fixture);
  const host = await openDurableHost({
    file: join(folder, 'jobs.db'),
    registry: app.registry,
    managementUris: createManagementUris({ baseUrl: 'http://127.0.0.1', taskHub: 'hub', key: 'system-key' }),
    log,
  });
  releases.add('the durable host', () => host.close());
  const systemKey = 'system-key';
  const functions = createFunctionsHost({
    app,
    host,
    systemKey,
    baseUrl: () => 'http://127.0.0.1',
    taskHub: 'hub',
    log,
  });
  releases.add('the timers', () => functions.stop());
  const listener = createWebListener(functions.handle, (err) => log.error({ err }, 'failed'));
  const served = await listen(listener, { what: 'the orchestrator', port: 0 });
  releases.add('the orchestrator', () => served.close());
  const headers = { ...json, 'x-functions-key': platformKey };
  const own = app.routes.map(({ method, path }): RawRoute => ({
    method,
    path: `/api/${path.replaceAll(/\{\w+\}/g, '{}')}`,
    headers,
    body: orchestratorBodies[`${method} ${path}`],
  }));
  const system = { ...json, 'x-functions-key': systemKey };
  const durable = durableRoutes.map((route): RawRoute => ({
    ...route,
    path: `/runtime/webhooks/durabletask/${route.path}`,
    headers: system,
  }));
  const grid: RawRoute = {
    method: 'POST',
    path: '/runtime/webhooks/eventgrid?functionName=ComputeComplete',
    headers: system,
    body: [
      {
        eventType: 'Microsoft.Storage.BlobCreated',
        subject: '/blobServices/default/containers/output/blobs/x',
        data: { url: 'x', validationCode: 'x' },
      },
    ],
  };
  return { name: 'orchestrator', port: served.port, routes: [...own, ...durable, grid] };
};

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privateKey = keys.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();

const repository = '/api/v3/repos/acme/ops';
const gitHubRoutes: readonly Pick<RawRoute, 'method' | 'path' | 'body'>[] = [
  { method: 'POST', path: `${repository}/issues/1/comments`, body: { body: 'hello' } },
  { method: 'GET', path: `${repository}/issues/1/comments` },
  { method: 'PATCH', path: `${repository}/issues/comments/{}`, body: { body: 'x' } },
  { method: 'DELETE', path: `${repository}/issues/comments/{}` },
  { method: 'POST', path: `${repository}/issues`, body: { title: 'a', body: 'b', labels: ['x'] } },
  { method: 'GET', path: `${repository}/issues` },
  { method: 'PATCH', path: `${repository}/issues/1`, body: { title: 'a', labels: ['b'], state: 'open' } },
  { method: 'POST', path: `${repository}/issues/comments/1/reactions`, body: { content: 'eyes' } },
  { method: 'GET', path: `${repository}/contents/{}` },
  {
    method: 'PUT',
    path: `${repository}/contents/{}`,
    body: { message: 'm', content: 'YQ==', sha: 'x', branch: 'main' },
  },
  { method: 'GET', path: `${repository}/git/trees/{}` },
  { method: 'GET', path: `${repository}/commits/{}` },
  {
    method: 'POST',
    path: `${repository}/check-runs`,
    body: { name: 'a', head_sha: 'a'.repeat(40), output: { title: 'a', summary: 'b' } },
  },
  { method: 'GET', path: `${repository}/pulls` },
  {
    method: 'POST',
    path: `${repository}/pulls`,
    body: { title: 'a', head: 'b', base: 'main', files: [{ path: 'x', content: 'y' }] },
  },
  { method: 'GET', path: `${repository}/collaborators/{}/permission` },
  { method: 'GET', path: '/api/v3/orgs/acme/teams/{}/memberships/{}' },
  { method: 'POST', path: '/api/v3/app/installations/{}/access_tokens', body: { repositories: ['x'] } },
  { method: 'GET', path: '/api/v3/user' },
  { method: 'GET', path: '/api/v3/{}/{}' },
  { method: 'GET', path: '/acme/ops/issues/{}' },
  { method: 'GET', path: '/acme/ops/issues/{}/events/x' },
  { method: 'POST', path: '/acme/ops/issues/1/comments', body: { body: 'x', as: 'mona' } },
  { method: 'GET', path: '/acme/ops/blob/main/{}' },
  { method: 'GET', path: '/{}' },
];

const openGitHub = async (releases: Releases, folder: string): Promise<RawTarget> => {
  const app = { id: 1, slug: 'coxswain', privateKey, webhookSecret: 'x', webhookUrl: 'http://127.0.0.1:9/' };
  const github = await openGitHubEmulator({ folder: join(folder, 'github'), port: 0, app, log });
  releases.add('the embedded GitHub', () => github.close());
  const writer = github.users.find(({ role }) => role === 'maintain');
  const headers = { ...json, authorization: `Bearer ${writer?.token}` };
  return {
    name: 'github',
    port: parsePort(github.url),
    routes: gitHubRoutes.map((route) => ({ ...route, headers })),
  };
};

const openSetup = async (releases: Releases, folder: string): Promise<RawTarget> => {
  const stop = Promise.withResolvers<void>();
  const listening = Promise.withResolvers<number>();
  const settings = readUnregisteredSettings({
    COXSWAIN_APP_FILE: join(folder, 'app', 'app.json'),
    GITHUB_API_URL: 'http://127.0.0.1:9',
    ORCHESTRATOR_URL: 'http://127.0.0.1:9',
    ORCHESTRATOR_KEY: 'key',
    PORT: '0',
  });
  const ended = loadRegisteredSettings(settings, {
    stop: stop.promise,
    log,
    onListening: listening.resolve,
  });
  releases.add('the set-up page', async () => {
    stop.resolve();
    await ended;
  });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const paths = ['/', '/setup/token', '/setup/review', '/setup/callback', '/healthz', '/setup/{}'];
  const routes = paths.flatMap((path): RawRoute[] => [
    { method: 'GET', path, headers: {} },
    { method: 'POST', path, headers: form, body: 'token=x&organization=y' },
  ]);
  return { name: 'set-up', port: await listening.promise, routes };
};

const openHealth = async (releases: Releases): Promise<RawTarget> => {
  const worker = { metrics: { registry: new Registry() }, isReady: () => true } as unknown as Worker;
  const served = await serveHealth(worker, { host: '127.0.0.1', port: 0 }, log);
  releases.add('the health of a worker', () => served.close());
  const routes = ['/healthz', '/readyz', '/metrics', '/{}'].map((path) => ({
    method: 'GET',
    path,
    headers: {},
  }));
  return { name: 'health', port: served.port, routes };
};

/** Opens all our servers; `releases` closes them. */
export const openTargets = async (releases: Releases): Promise<RawTarget[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'raw-http-'));
  releases.add('the folder', () => rm(folder, { recursive: true, force: true }));
  return [
    await openBot(releases),
    await openFunctions(releases, folder),
    await openGitHub(releases, folder),
    await openSetup(releases, folder),
    await openHealth(releases),
    ...(await openStorageServers(releases)),
  ];
};
