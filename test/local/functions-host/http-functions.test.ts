import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Route } from '../../../compute/orchestrator/durable.ts';
import { keys, openTestFunctionsHost, type TestFunctionsHost } from '../../fixtures/functions-host.ts';

const run = promisify(execFile);

const routes: Route[] = [
  {
    name: 'start',
    method: 'POST',
    path: 'orchestrators/ComputeOrchestrator',
    handle: async (request, _parameters, client) => {
      const count = new URL(request.url).searchParams.get('inputCount');
      const { status } = await client.start('Waits', `job-${count}`, await request.text());
      return Response.json(
        { id: status.instanceId, ...client.managementUris(status.instanceId) },
        { status: 202 },
      );
    },
  },
  {
    name: 'get',
    method: 'GET',
    path: 'jobs/{id}',
    handle: async (_request, { id }) => Response.json({ id }),
  },
  { name: 'all', method: 'GET', path: 'jobs/all', handle: async () => Response.json('all') },
  {
    name: 'cancel',
    method: 'POST',
    path: 'jobs/{id}/cancel',
    handle: async (_request, { id }) => new Response(id, { status: 202 }),
  },
  {
    name: 'broken',
    method: 'GET',
    path: 'broken',
    handle: async () => {
      throw new Error('a fault');
    },
  },
];

let functionsHost: TestFunctionsHost;
beforeEach(async () => {
  functionsHost = await openTestFunctionsHost({ routes });
});
afterEach(() => functionsHost.close());

test('a route is found by its path, with decoded parameters; a fixed segment precedes a parameter', async () => {
  expect(await (await functionsHost.call('GET', '/api/jobs/a%2Fb%20c')).json()).toEqual({ id: 'a/b c' });
  expect(await (await functionsHost.call('GET', '/api/jobs/all')).json()).toBe('all');
  expect(await (await functionsHost.call('POST', '/api/jobs/j1/cancel')).text()).toBe('j1');
});

test('errors have the form of the API', async () => {
  for (const [method, path, status, code] of [
    ['GET', '/api/nothing', 404, 'not-found'],
    ['GET', '/api/jobs', 404, 'not-found'],
    ['GET', '/api/jobs/%ff', 404, 'not-found'],
    ['GET', '/api/jobs/1/cancel', 405, 'method-not-allowed'],
    ['GET', '/api/broken', 500, 'internal'],
  ] as const) {
    const response = await functionsHost.call(method, path);
    expect([path, response.status, await response.json()]).toMatchObject([
      path,
      status,
      { error: { code, message: expect.any(String) } },
    ]);
  }
  expect((await functionsHost.call('DELETE', '/api/jobs/1/cancel')).headers.get('allow')).toBe('POST');
});

test('curl without a body starts an orchestration', async () => {
  const url = `${functionsHost.url}/api/orchestrators/ComputeOrchestrator?inputCount=1000&code=${keys.function}`;
  const { stdout } = await run('curl', [
    '--silent',
    '--fail',
    '--request',
    'POST',
    url,
    '--header',
    'Content-Length: 0',
  ]);
  const answer = JSON.parse(stdout) as Record<string, string>;
  expect(answer['id']).toBe('job-1000');
  expect((await fetch(answer['statusQueryGetUri'] ?? '')).status).toBe(202);
});

test('/healthz is open, and nothing else is there', async () => {
  const health = await fetch(`${functionsHost.url}/healthz`);
  expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
  expect((await fetch(`${functionsHost.url}/`)).status).toBe(404);
  expect((await fetch(`${functionsHost.url}/runtime/webhooks`)).status).toBe(404);
});
