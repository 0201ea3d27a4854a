import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Lock } from '../../../../contracts/conditions.ts';
import { toBatchPrefix, createJobId } from '../../../../contracts/ids.ts';
import { lockPath } from '../../../../contracts/blob-paths.ts';
import type { Caller } from '../../../../compute/orchestrator/auth/caller.ts';
import { createCallerClient } from '../../../../compute/orchestrator/auth/guard.ts';
import { openJobIds } from '../../../../compute/orchestrator/job/job-ids.ts';
import {
  openOrchestratorFixture,
  openTestOrchestrator,
  startComputeJob,
  waitUntil,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../../fixtures/orchestrator/orchestrator-fixture.ts';
import { approval, code, toPerson } from '../../../fixtures/orchestrator/jobs-with-conditions.ts';
import {
  toKeyRule,
  openTestAuthenticator,
  platformKey,
} from '../../../fixtures/orchestrator/test-authenticator.ts';
import { startTokenIssuer, type TokenIssuer } from '../../../fakes/token-issuer.ts';

let fixture: OrchestratorFixture;
let issuer: TokenIssuer;
let platform: TestOrchestrator;
beforeAll(async () => {
  [fixture, issuer] = await Promise.all([openOrchestratorFixture(), startTokenIssuer()]);
  const { access, log } = openTestAuthenticator({
    issuer,
    trust: [
      { repositoryId: '74', scopes: ['start', 'read'], tasks: ['Talk'] },
      { repositoryId: '74', environment: 'production', scopes: ['approve'], tasks: ['Talk'], algorithms: [] },
    ],
    keys: [
      ...(['start', 'read', 'approve'] as const).map((scope) =>
        toKeyRule(`the-key-to-${scope}`, { scopes: [scope] }),
      ),
      toKeyRule('the-key-to-talk', {
        scopes: ['start', 'approve'],
        repositories: [74],
        tasks: ['Talk'],
        locks: ['127.0.0.1/74 vm/web-', 'shared'],
      }),
      toKeyRule('the-key-to-some-locks', {
        scopes: ['read'],
        repositories: [74],
        locks: ['127.0.0.1/74 vm/web-', 'shared'],
      }),
      toKeyRule('the-key-to-some-locks-anywhere', { scopes: ['read'], locks: ['127.0.0.1/74 d'] }),
      toKeyRule('the-key-without-comments', {
        scopes: ['start'],
        repositories: [74],
        tasks: ['Talk'],
        entry: false,
      }),
      toKeyRule('the-key-of-two', { scopes: ['start', 'read'], repositories: [74, 75], algorithms: ['sum'] }),
    ],
  });
  platform = await openTestOrchestrator(fixture, { access, log });
  for (const taskName of ['Talk', 'Walk'])
    await fixture.storage.blobs.put(
      `tasks/${taskName}.json`,
      JSON.stringify({ taskName, dockerImage: 'image', scriptName: 'script.sh' }),
    );
  await fixture.storage.blobs.put('tasks/script.sh', 'echo');
});
afterAll(async () => {
  await fixture.stopAll();
  await Promise.all([fixture.close(), issuer.close()]);
});

const key = (name: string) => ({ 'x-functions-key': name });
const own = key(platformKey);
const token = async (given = {}) => ({ authorization: `Bearer ${await issuer.token(given)}` });

const compute = 'orchestrators/ComputeOrchestrator';
const of = (id: number, host?: string) => ({
  ...(host === undefined ? {} : { host }),
  repository: { id, name: 'octo-org/octo-repo' },
});
const work = (more: object = {}) => ({ algorithm: 'sum', inputCount: 1, origin: of(74), ...more });

/** Starts a job as the platform, for a repository. */
const jobOf = async (origin: object): Promise<string> => {
  const { status, body } = await platform.call('POST', compute, work({ origin }), own);
  expect(status).toBe(202);
  return String(body['id']);
};

describe('each route', () => {
  const routes = (): [method: 'GET' | 'POST', path: string, name: string][] =>
    platform.app.routes.map(({ method, path, name }) => [method, path.replace('{id}', createJobId()), name]);

  test('rejects requests without a credential, or with a wrong one', async () => {
    expect(routes().length).toBeGreaterThan(10);
    for (const [method, path] of routes())
      for (const headers of [
        {},
        key(''),
        key('the-key-to-nothing'),
        { authorization: `Basic ${platformKey}` },
        { authorization: `Bearer ${platformKey}` },
        // A token does not make up for a wrong key.
        { ...key('the-key-to-nothing'), ...(await token()) },
      ]) {
        const answer = await platform.call(method, path, method === 'POST' ? {} : undefined, headers);
        expect([path, answer.status, answer.body.error['code']]).toEqual([path, 401, 'unauthorized']);
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      }
  });

  test('accepts the platform’s key, also in the query', async () => {
    for (const [method, path, name] of routes()) {
      const { status } = await platform.call(method, path, method === 'POST' ? {} : undefined, own);
      expect([name, [401, 403].includes(status)]).toEqual([name, false]);
    }
    expect((await platform.call('GET', `tasks?code=${platformKey}`, undefined, {})).status).toBe(200);
    expect((await platform.call('GET', 'tasks?code=another', undefined, {})).status).toBe(401);
  });

  test('accepts guests with its scope, and no other guest', async () => {
    const openTo: Record<string, string> = {};
    for (const [method, path, name] of routes()) {
      for (const scope of ['start', 'read', 'approve']) {
        const body = method === 'POST' ? {} : undefined;
        const answer = await platform.call(method, path, body, key(`the-key-to-${scope}`));
        if (answer.status !== 403) openTo[name] = `${openTo[name] ?? ''}${scope}`;
        else expect(answer.body.error).toMatchObject({ code: 'forbidden' });
      }
    }
    expect(openTo).toEqual({
      StartCompute: 'start',
      PutInputs: 'start',
      StartTask: 'start',
      CancelJob: 'start',
      TakeLease: 'start',
      ReleaseLease: 'start',
      ListTasks: 'read',
      ListJobs: 'read',
      GetJob: 'read',
      JobLog: 'read',
      ListLocks: 'read',
      ApproveJob: 'approve',
      RejectJob: 'approve',
      LockByHand: 'approve',
      UnlockByHand: 'approve',
      EndLocks: 'approve',
    });
    const { body } = await platform.call('GET', 'jobs', undefined, key('the-key-to-start'));
    expect(body.error['message']).toBe('This request requires the scope "read".');
  });
});

describe('a guest starts', () => {
  test('jobs of its own repository, and gets no key that allows more', async () => {
    const started = await platform.call('POST', compute, work(), await token());
    const { id } = started.body;
    expect([started.status, started.body]).toEqual([202, { v: 1, id, started: true }]);
    expect(started.headers.get('location')).toBe(`/api/jobs/${String(id)}`);
    expect((await platform.call('GET', `jobs/${String(id)}`, undefined, await token())).status).toBe(200);
    const byPlatform = await platform.call('POST', compute, work(), own);
    expect(byPlatform.body['statusQueryGetUri']).toContain('code=');
  });

  test.each([
    ['of another repository', { origin: of(75) }, 'origin.repository.id'],
    ['of its number on another host', { origin: of(74, 'github.com') }, 'origin.repository.id'],
    ['of no repository', { origin: {} }, 'origin.repository.id'],
    [
      'with a lock of another',
      { conditions: { locks: [{ scope: '127.0.0.1/75', key: 'a' }] } },
      'conditions.locks',
    ],
  ])('none %s', async (_what, more, field) => {
    const { status, body } = await platform.call('POST', compute, work(more), await token());
    expect([status, body.error]).toMatchObject([403, { code: 'forbidden', field }]);
  });

  test('the tasks and algorithms of its grants, and no others', async () => {
    const start = async (taskName: string, headers: Record<string, string>) =>
      platform.call('POST', 'tasks', { taskName, origin: of(74) }, headers);
    expect((await start('Talk', await token())).status).toBe(202);
    const walk = await start('Walk', await token());
    expect([walk.status, walk.body.error]).toMatchObject([
      403,
      {
        code: 'forbidden',
        field: 'taskName',
        message: 'This caller does not have the scope "start" for the task Walk.',
      },
    ]);
    // The response does not reveal whether the task exists.
    expect((await start('Nothing', await token())).status).toBe(403);
    // A key without tasks cannot start tasks.
    expect((await start('Talk', key('the-key-of-two'))).status).toBe(403);
    const pi = await platform.call(
      'POST',
      compute,
      work({ algorithm: 'monte-carlo-pi' }),
      key('the-key-of-two'),
    );
    expect([pi.status, pi.body.error['field']]).toEqual([403, 'algorithm']);
    expect((await platform.call('POST', compute, work(), key('the-key-of-two'))).status).toBe(202);
  });
});

describe('a guest has leases', () => {
  const ask = async (path: string, name: string, seconds = 10) => {
    const body = { name, holder: 'action', seconds };
    return (await platform.call('POST', path, body, await token())).status;
  };

  test.each(['reply/127.0.0.1/74/9', `reply/127.0.0.1/74/${createJobId()}`])(
    'of its own repository, for at most a minute: %s',
    async (name) => {
      expect(await ask('leases', name, 60)).toBe(200);
      expect(await ask('leases/release', name)).toBe(200);
      expect(await ask('leases', name, 61)).toBe(403);
    },
  );

  test('and claims for the maximum time, which it can neither shorten nor release', async () => {
    const name = 'entry/127.0.0.1/74/9';
    expect(await ask('leases', name, 7 * 86_400)).toBe(200);
    expect(await ask('leases', name, 1)).toBe(403);
    expect(await ask('leases/release', name)).toBe(403);
  });

  test.each([
    'tracker/77',
    'entry/127.0.0.1/75/9',
    'entry/github.com/74/9',
    'reply/127.0.0.1/74',
    'reply/127.0.0.1/74/9/more',
    'tracker/127.0.0.1/74/9',
  ])('and no others: %s', async (name) => {
    expect(await ask('leases', name)).toBe(403);
    expect(await ask('leases/release', name)).toBe(403);
    // A key for all repositories cannot take part in the leader election of the bots either.
    const { status, body } = await platform.call(
      'POST',
      'leases',
      { name: 'tracker/77', holder: 'a', seconds: 10 },
      key('the-key-to-start'),
    );
    expect([status, body.error['field']]).toEqual([403, 'name']);
  });
});

describe('a key that names locks', () => {
  const lockOf = (scope: string, lockKey: string) => ({ scope, key: lockKey, slots: 1_000 });
  const start = (lock: object) =>
    platform.call(
      'POST',
      'tasks',
      {
        taskName: 'Talk',
        origin: { host: '127.0.0.1', repository: { id: 74, name: 'acme/ops' } },
        conditions: { locks: [lock] },
      },
      key('the-key-to-talk'),
    );

  test.each([
    ['127.0.0.1/74', 'vm/db-1'],
    ['127.0.0.1/74', 'vm/web'],
    ['127.0.0.1/74#concurrent', 'vm/web-1'],
    ['127.0.0.1/75', 'vm/web-1'],
    ['tasks', 'vm/web-1'],
  ])('starts no job with the lock %s %s, nor takes it by hand', async (scope, lockKey) => {
    const { status, body } = await start(lockOf(scope, lockKey));
    expect([status, body.error['field']]).toEqual([403, 'conditions.locks']);
    expect(body.error['message']).toContain(lockKey);
    const lock = { scope, key: lockKey, by: toPerson('mona'), reason: null };
    expect((await platform.call('POST', 'locks', lock, key('the-key-to-talk'))).status).toBe(403);
  });

  test.each([
    ['127.0.0.1/74', 'vm/web-1'],
    ['shared', 'anything'],
  ])('may use %s %s', async (scope, lockKey) => {
    expect((await start(lockOf(scope, lockKey))).status).toBe(202);
  });
});

describe('taken locks', () => {
  const since = '2026-01-01T00:00:00.000Z';
  const [mine, theirs] = [createJobId(), createJobId()];
  const [web, secret, mixed, old] = ['vm/web-1', 'vm/secret', 'vm/mixed', 'vm/old'];
  const held = (owner?: string, job = owner === '127.0.0.1/75' ? theirs : mine) => ({
    kind: 'job',
    job,
    ...(owner === undefined ? {} : { owner }),
    slots: 1,
    since,
  });
  const put = (scope: string, key: string, holders: object[], waiting: object[] = []) =>
    fixture.storage.blobs.put(
      lockPath(scope, key),
      JSON.stringify({ v: 1, scope, key, slots: 1, holders, waiting }),
    );

  beforeAll(async () => {
    await put('tasks', web, [held('127.0.0.1/74')], [held('127.0.0.1/75')]);
    await put('tasks', secret, [held('127.0.0.1/75')]);
    await put('tasks', mixed, [held('127.0.0.1/75')], [held('127.0.0.1/75'), held('127.0.0.1/74')]);
    await put('tasks', old, [held()]);
    await put('127.0.0.1/74', 'vm/web-7', [held('127.0.0.1/74')]);
    await put('127.0.0.1/74', 'db', [held('127.0.0.1/75')]);
    await put('shared', 'anything', [held('127.0.0.1/75')]);
  });
  afterAll(async () => {
    for (const name of [web, secret, mixed, old])
      await fixture.storage.blobs.delete([lockPath('tasks', name)]);
    await fixture.storage.blobs.delete([lockPath('127.0.0.1/74', 'vm/web-7')]);
    await fixture.storage.blobs.delete([lockPath('127.0.0.1/74', 'db'), lockPath('shared', 'anything')]);
  });

  const list = async (headers: Record<string, string>, query: Record<string, string>) => {
    const path = `locks?${new URLSearchParams(query).toString()}`;
    const { status, body } = await platform.call('GET', path, undefined, headers);
    const { locks = [] } = body as unknown as { locks?: Lock[] };
    const seen = locks.map(({ key: name, holders, waiting, elsewhere }) => ({
      key: name,
      jobs: [...holders, ...waiting].map((each) => ('job' in each ? each.job : null)),
      elsewhere,
    }));
    return { status, field: status === 200 ? null : body.error['field'], seen };
  };
  const ofTasks = [
    { key: mixed, jobs: [mine], elsewhere: { holders: 1, waiting: 1 } },
    { key: web, jobs: [mine], elsewhere: { holders: 0, waiting: 1 } },
  ];

  test.each<[string, () => Promise<Record<string, string>>]>([
    ['a workflow', () => token()],
    ['the platform, for a reader of this repository', async () => own],
    ['a key of all repositories, for a reader of this one', async () => key('the-key-to-read')],
    ['a key of two repositories, for a reader of this one', async () => key('the-key-of-two')],
  ])('of definitions: %s sees its own jobs, and only the number of other jobs', async (_who, by) => {
    const answer = await list(await by(), { scope: 'tasks', owner: '127.0.0.1/74' });
    expect(answer).toEqual({ status: 200, field: null, seen: ofTasks });
    expect(JSON.stringify(answer)).not.toContain(theirs);
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  test('of definitions: the platform sees all of them', async () => {
    const { seen } = await list(own, { scope: 'tasks' });
    expect(seen.map((lock) => [lock.key, lock.jobs.length, lock.elsewhere])).toEqual([
      [mixed, 3, undefined],
      [old, 1, undefined],
      [secret, 1, undefined],
      [web, 2, undefined],
    ]);
  });

  test.each([
    [{ scope: 'tasks' }, 'scope'],
    [{ scope: 'tasks', owner: '127.0.0.1/75' }, 'owner'],
    [{ scope: 'tasks', owner: 'github.com/74' }, 'owner'],
    [{ scope: '127.0.0.1/74', owner: '127.0.0.1/75' }, 'owner'],
    [{ scope: '127.0.0.1/75', owner: '127.0.0.1/74' }, 'scope'],
    [{ scope: 'shared', owner: '127.0.0.1/74' }, 'scope'],
    [{ scope: 'TASKS', owner: '127.0.0.1/74' }, 'scope'],
  ])('are nobody else’s: %j', async (query, field) => {
    expect(await list(await token(), query)).toEqual({ status: 403, field, seen: [] });
  });

  test.each(['74', '/74', '127.0.0.1/', '127.0.0.1/74#concurrent', '127.0.0.1/x', 'a b/74', ''])(
    'for an invalid repository are refused: %j',
    async (owner) => {
      const answer = await list(own, { scope: 'tasks', owner });
      expect([answer.status, answer.field]).toEqual([400, 'owner']);
    },
  );

  test('of its own repository are visible to a guest, except for jobs of others', async () => {
    const { seen } = await list(await token(), { scope: '127.0.0.1/74' });
    expect(seen).toEqual([
      { key: 'db', jobs: [], elsewhere: { holders: 1, waiting: 0 } },
      { key: 'vm/web-7', jobs: [mine], elsewhere: undefined },
    ]);
    const taken = await platform.call(
      'POST',
      'locks',
      { scope: '127.0.0.1/74', key: 'db', by: toPerson('mona'), reason: null },
      await token({ environment: 'production' }),
    );
    expect(taken.status).toBe(409);
    expect(JSON.stringify(taken.body)).not.toContain(theirs);
  });

  test('are listed if the grant names them', async () => {
    const names = async (scope: string, more: object = {}) =>
      (await list(key('the-key-to-some-locks'), { scope, ...more })).seen.map((lock) => lock.key);
    expect(await names('127.0.0.1/74')).toEqual(['vm/web-7']);
    expect(await names('127.0.0.1/74', { owner: '127.0.0.1/74' })).toEqual(['vm/web-7']);
    expect(await names('shared')).toEqual(['anything']);
    expect(await names('tasks', { owner: '127.0.0.1/74' })).toEqual([]);
    const everywhere = await list(key('the-key-to-some-locks-anywhere'), { scope: '127.0.0.1/74' });
    expect(everywhere.seen.map((lock) => lock.key)).toEqual(['db']);
    const foreign = await list(key('the-key-to-some-locks'), { scope: '127.0.0.1/75' });
    expect(foreign.status).toBe(403);
  });
});

test('a job that a lock refuses names the caller that stated the lock’s person', async () => {
  const lock = { scope: '127.0.0.1/74', key: 'vm/web-9' };
  const body = { ...lock, by: toPerson('mona'), reason: null };
  expect((await platform.call('POST', 'locks', body, key('the-key-to-talk'))).status).toBe(200);
  const id = await startComputeJob(
    platform,
    work({ conditions: { locks: [{ ...lock, whenTaken: 'refuse' }] } }),
    own,
  );
  const view = async () => (await platform.call('GET', `jobs/${id}`, undefined, own)).body;
  await waitUntil(async () => (await view())['endedAt'] !== null);
  expect(await view()).toMatchObject({
    reason: 'lock-taken',
    message: expect.stringMatching(/mona \(according to the key .+\)$/),
  });
  const released = { ...lock, by: toPerson('mona') };
  expect((await platform.call('POST', 'locks/release', released, key('the-key-to-talk'))).status).toBe(200);
});

describe('a key that says "entry": false', () => {
  const ask = async (path: string, name: string, seconds: number) => {
    const body = { name, holder: 'action', seconds };
    return platform.call('POST', path, body, key('the-key-without-comments'));
  };
  const week = 7 * 86_400;

  test.each(['9', '09', '9%20', 'job-9', `${createJobId()}0`, createJobId().toUpperCase()])(
    'neither claims a comment nor writes its reply: %s',
    async (last) => {
      for (const [kind, seconds] of [
        ['entry', week],
        ['reply', 60],
      ] as const) {
        const name = `${kind}/127.0.0.1/74/${last}`;
        const taken = await ask('leases', name, seconds);
        expect([taken.status, taken.body.error['field']]).toEqual([403, 'name']);
        expect((await ask('leases/release', name, seconds)).status).toBe(403);
      }
    },
  );

  test('still gets the leases of the jobs that its workflows start', async () => {
    const id = createJobId();
    expect((await ask('leases', `entry/127.0.0.1/74/${id}`, week)).status).toBe(200);
    expect((await ask('leases', `reply/127.0.0.1/74/${id}`, 60)).status).toBe(200);
    expect((await ask('leases', `reply/127.0.0.1/75/${id}`, 60)).status).toBe(403);
  });
});

describe("another repository's job", () => {
  test('does not exist', async () => {
    const [mine, theirs, elsewhere] = await Promise.all(
      [of(74), of(75), of(74, 'github.example')].map((origin) => jobOf(origin)),
    );
    const get = async (path: string) => platform.call('GET', path, undefined, await token());
    const post = async (path: string, body: object) => platform.call('POST', path, body, await token());
    for (const id of [theirs, elsewhere]) {
      expect(await get(`jobs/${id}`)).toMatchObject({
        status: 404,
        body: { error: { code: 'unknown-job' } },
      });
      expect((await get(`jobs/${id}/log`)).status).toBe(404);
      expect((await get(`jobs/${id}/log?offset=0`)).status).toBe(404);
      expect((await get(`jobs/${id}/log?follow`)).status).toBe(404);
      expect((await post(`jobs/${id}/cancel`, {})).status).toBe(404);
      expect((await post(compute, work({ retryOf: id }))).body.error['code']).toBe('retry-mismatch');
      for (const verdict of ['approve', 'reject']) {
        const headers = await token({ environment: 'production' });
        const body = { by: toPerson('lisa'), code };
        expect((await platform.call('POST', `jobs/${id}/${verdict}`, body, headers)).status).toBe(404);
      }
      // Its id does not prevent another job.
      const under = await post(compute, work({ jobId: id }));
      expect([under.status, under.body['id'] === id]).toEqual([202, false]);
      expect((await get(`jobs/${id}`)).body['id']).toBe(under.body['id']);
      // The requested id is not the id of its outputs: nothing is reused from the other job.
      expect((await post(`jobs/${id}/cancel`, {})).status).toBe(202);
      await waitUntil(async () => (await get(`jobs/${id}`)).body['endedAt'] !== null);
      expect((await post(compute, work({ retryOf: id }))).body.error['code']).toBe('retry-mismatch');
    }
    const { body } = await get('jobs?top=500');
    const ids = body.jobs.map((job) => job.id);
    expect([ids.includes(mine ?? ''), ids.includes(theirs ?? ''), ids.includes(elsewhere ?? '')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(body.jobs.every(({ origin }) => origin.repository?.id === 74)).toBe(true);
    expect((await get('jobs?top=1')).body.jobs).toHaveLength(1);
    const seen = await platform.call('GET', 'jobs?top=500', undefined, key('the-key-of-two'));
    expect(seen.body.jobs.map(({ id }) => id)).toEqual(expect.arrayContaining([mine, theirs, elsewhere]));
  });
});

describe('an approval', () => {
  const waiting = async (path: string, request: object): Promise<string> => {
    const conditions = { approval };
    const { body } = await platform.call('POST', path, { ...request, origin: of(74), conditions }, own);
    return String(body['id']);
  };

  test('counts for the work that the caller can approve', async () => {
    const headers = await token({ environment: 'production' });
    const decide = (id: string, verdict: string) =>
      platform.call('POST', `jobs/${id}/${verdict}`, { by: toPerson('lisa'), code }, headers);
    const others = [
      await waiting('tasks', { taskName: 'Walk' }),
      await waiting(compute, { algorithm: 'sum', inputCount: 1 }),
    ];
    for (const id of others)
      for (const verdict of ['approve', 'reject'])
        expect(await decide(id, verdict)).toMatchObject({
          status: 403,
          body: { error: { code: 'forbidden' } },
        });
    expect((await decide(await waiting('tasks', { taskName: 'Talk' }), 'approve')).status).toBe(202);
    for (const id of others) await platform.call('POST', `jobs/${id}/cancel`, {}, own);
  });
});

test("locks are the caller's own repository's", async () => {
  const headers = await token({ environment: 'production' });
  const lock = (scope: string) => ({ scope, key: 'vm/web-1', by: toPerson('mona') });
  const call = async (method: 'GET' | 'POST', path: string, body?: object) =>
    (await platform.call(method, path, body, headers)).status;
  for (const scope of ['127.0.0.1/74', '127.0.0.1/74#concurrent']) {
    expect(await call('POST', 'locks', lock(scope))).toBe(200);
    expect(await call('GET', `locks?scope=${encodeURIComponent(scope)}`)).toBe(200);
    expect(await call('POST', 'locks/release', lock(scope))).toBe(200);
  }
  for (const scope of ['127.0.0.1/75', 'github.com/74', '74', 'x/127.0.0.1/74']) {
    expect(await call('POST', 'locks', lock(scope))).toBe(403);
    expect(await call('GET', `locks?scope=${encodeURIComponent(scope)}`)).toBe(403);
    expect(await call('POST', 'locks/release', lock(scope))).toBe(403);
  }
  const foreign = { ...lock('127.0.0.1/75'), reason: null, end: { thread: 7 } };
  await platform.call('POST', 'locks', foreign, own);
  const takenBefore = new Date(Date.now() + 60_000).toISOString();
  const end = (who: Record<string, string>) =>
    platform.call('POST', 'locks/end', { scope: foreign.scope, thread: 7, takenBefore }, who);
  expect(await end(headers)).toMatchObject({ status: 200, body: { released: [] } });
  expect(await end(own)).toMatchObject({ body: { released: ['vm/web-1'] } });
});

test('a guest sees the batches of its jobs, which make up their progress', async () => {
  const id = await startComputeJob(platform, { inputCount: 250, blockSize: 1, origin: of(74) }, own);
  const shown = { kind: 'key', name: 'guest' } as const;
  const caller: Caller = { kind: 'guest', name: 'guest', shown, grants: [], repositories: { ids: [74] } };
  const ids = openJobIds({ blobs: fixture.storage.blobs, flush: async () => {} });
  const client = createCallerClient(caller, platform.client, ids);
  await waitUntil(async () => (await client.list({ prefix: toBatchPrefix(id) })).instances.length === 3);
});
