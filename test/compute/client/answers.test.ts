import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHttpJobs, createHttpLocks, OrchestratorError } from '../../../compute/client/index.ts';
import { listen, createWebListener, type RunningServer } from '../../../runtime/http-server.ts';

/** A server that answers everything in one way, for what the clients make of each answer. */
let server: RunningServer;
let next: { status: number; body: unknown };
let asked: { method: string; path: string; body: unknown }[];

const answer = async (request: Request): Promise<Response> => {
  const { pathname, search } = new URL(request.url);
  const text = await request.text();
  asked.push({ method: request.method, path: pathname + search, body: text && JSON.parse(text) });
  return Response.json(next.body, { status: next.status });
};
beforeAll(async () => {
  server = await listen(
    createWebListener(answer, () => {}),
    { what: 'the test', port: 0 },
  );
});
beforeEach(() => {
  asked = [];
});
afterAll(() => server.close());

const jobs = () => createHttpJobs({ url: server.url, key: 'key' });
const locks = () => createHttpLocks({ url: server.url, key: 'key' });
const problem = (code: string, field: string | null = null) => ({
  error: { code, field, message: 'because', expected: null, received: null },
});
const by = { id: '7', name: 'mona' };
const job = `job-${'a'.repeat(32)}`;
const verdict = { by, code: '0123456789' };

describe('an approval', () => {
  test.each([
    [202, { v: 1, id: job, missing: 2 }, { outcome: 'counted', missing: 2 }],
    [404, problem('unknown-job'), { outcome: 'not-found' }],
    [410, problem('ended'), { outcome: 'ended' }],
    [409, problem('own-request'), { outcome: 'own-request' }],
    [409, problem('wrong-code'), { outcome: 'wrong-code' }],
    [409, problem('not-waiting'), { outcome: 'not-waiting' }],
  ])('answered %i %j', async (status, body, outcome) => {
    next = { status, body };
    expect(await jobs().approve(job, verdict)).toEqual(outcome);
    expect(asked).toEqual([{ method: 'POST', path: `/api/jobs/${job}/approve`, body: verdict }]);
  });

  test.each([
    [409, problem('unheard-of')],
    [400, problem('invalid-parameter')],
    [202, { v: 1 }],
  ])('answered %i %j is an error', async (status, body) => {
    next = { status, body };
    await expect(jobs().approve(job, verdict)).rejects.toThrow(OrchestratorError);
  });
});

describe('a rejection', () => {
  test.each([
    [202, { v: 1, id: job }, 'accepted'],
    [404, problem('unknown-job'), 'not-found'],
    [410, problem('ended'), 'ended'],
    [409, problem('wrong-code'), 'wrong-code'],
    [409, problem('not-waiting'), 'not-waiting'],
  ])('answered %i %j', async (status, body, outcome) => {
    next = { status, body };
    expect(await jobs().reject(job, { ...verdict, reason: 'no' })).toBe(outcome);
    const path = `/api/jobs/${job}/reject`;
    expect(asked).toEqual([{ method: 'POST', path, body: { ...verdict, reason: 'no' } }]);
  });

  test('answered as only an approval can be is an error', async () => {
    next = { status: 409, body: problem('own-request') };
    await expect(jobs().reject(job, { ...verdict, reason: null })).rejects.toThrow(OrchestratorError);
  });
});

describe('locks', () => {
  const lock = {
    v: 1,
    scope: 'github.com/7',
    key: 'vm/web-1',
    slots: 1,
    holders: [{ kind: 'person', person: by, reason: null, since: '2026-01-01T00:00:00.000Z' }],
    waiting: [{ job, since: '2026-01-01T00:00:00.000Z' }],
  };
  const { scope, key } = lock;

  test('of a scope', async () => {
    next = { status: 200, body: { v: 1, locks: [lock] } };
    expect(await locks().list('github.com/7')).toEqual([lock]);
    expect(asked[0]?.path).toBe('/api/locks?scope=github.com%2F7');
  });

  test('of a scope, as a repository sees them', async () => {
    const seen = { ...lock, waiting: [], elsewhere: { holders: 0, waiting: 1 } };
    next = { status: 200, body: { v: 1, locks: [seen] } };
    expect(await locks().list('tasks', 'github.com/7')).toEqual([seen]);
    expect(asked[0]?.path).toBe('/api/locks?scope=tasks&owner=github.com%2F7');
  });

  test('that definitions name, of an orchestrator that allows nobody to request them', async () => {
    next = { status: 403, body: problem('forbidden', 'scope') };
    expect(await locks().list('tasks', 'github.com/7')).toEqual([]);
    await expect(locks().list('github.com/7')).rejects.toMatchObject({ status: 403 });
    await expect(locks().list('github.com/7', 'github.com/7')).rejects.toMatchObject({ status: 403 });
    await expect(locks().list('tasks')).rejects.toMatchObject({ status: 403 });
  });

  test.each([
    ['the owner', 403, problem('forbidden', 'owner')],
    ['the caller, who cannot read', 403, problem('forbidden')],
    ['the caller, whom it does not know', 401, problem('unauthorized')],
    ['everything, by a proxy', 403, { message: 'Forbidden' }],
  ])('that definitions name are an error if the orchestrator refuses %s', async (_what, status, body) => {
    next = { status, body };
    await expect(locks().list('tasks', 'github.com/7')).rejects.toMatchObject({ status });
  });

  test.each([
    [200, { v: 1, outcome: 'taken', lock }, { outcome: 'taken', lock }],
    [200, { v: 1, outcome: 'yours', lock }, { outcome: 'yours', lock }],
    [409, { ...problem('lock-held'), lock }, { outcome: 'held', lock }],
  ])('taking one, answered %i', async (status, body, outcome) => {
    next = { status, body };
    expect(await locks().take({ scope, key, by, reason: null })).toEqual(outcome);
    expect(asked[0]).toMatchObject({ path: '/api/locks', body: { scope, key, by, reason: null } });
  });

  test.each([
    [200, { v: 1 }, { outcome: 'released' }],
    [404, problem('not-locked'), { outcome: 'not-locked' }],
    [409, { ...problem('lock-held'), lock }, { outcome: 'held', lock }],
  ])('releasing one, answered %i', async (status, body, outcome) => {
    next = { status, body };
    expect(await locks().release({ scope, key, by, force: false })).toEqual(outcome);
    expect(asked[0]).toMatchObject({ path: '/api/locks/release', body: { scope, key, by, force: false } });
  });
});

test('an answer that is invalid or unexpected is an error', async () => {
  next = { status: 200, body: { v: 1, locks: [{ key: 7 }] } };
  await expect(locks().list('s')).rejects.toThrow('answer is invalid');
  next = { status: 200, body: { v: 1 } };
  await expect(jobs().page({})).rejects.toThrow('answer is invalid');
  next = { status: 503, body: {} };
  await expect(jobs().get(job)).rejects.toMatchObject({ status: 503 });
});
