import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createHttpJobs,
  createHttpLeases,
  createHttpLocks,
  OrchestratorError,
  type Jobs,
} from '../../../compute/client/index.ts';
import { createJobId } from '../../../contracts/ids.ts';
import { logPath } from '../../../contracts/blob-paths.ts';
import type { Launcher } from '../../../compute/launcher/port.ts';
import { createFunctionsHost } from '../../../local/functions-host/functions-host.ts';
import { createBuiltInAlgorithms } from '../../../compute/algorithms/built-in.ts';
import { listen, createWebListener, type RunningServer } from '../../../runtime/http-server.ts';
import {
  log,
  noLauncher,
  openOrchestratorFixture,
  openTestOrchestrator,
  type OrchestratorFixture,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';

const keys = { function: 'function-key', system: 'system-key' };

let orchestratorFixture: OrchestratorFixture;
let url: string;
beforeAll(async () => {
  orchestratorFixture = await openOrchestratorFixture();
  const launcher: Launcher = {
    ...noLauncher,
    launch: async () => ({ kind: 'launched' }),
    inspect: async () => ({ state: 'running', message: null }),
  };
  const { app, client, close } = await openTestOrchestrator(orchestratorFixture, {
    launcher,
    algorithms: createBuiltInAlgorithms(),
  });
  const host = { client, close };
  const functions = createFunctionsHost({
    app,
    host,
    systemKey: keys.system,
    baseUrl: () => url,
    taskHub: 'hub',
    log,
  });
  const server = await listen(
    createWebListener(functions.handle, () => {}),
    { what: 'the test', port: 0 },
  );
  url = server.url;
  orchestratorFixture.releases.push(() => functions.stop(), server.close);
  const definition = { taskName: 'Talk', dockerImage: 'image', scriptName: 'talk.sh' };
  await orchestratorFixture.storage.blobs.put('tasks/Talk.json', JSON.stringify(definition));
  await orchestratorFixture.storage.blobs.put('tasks/talk.sh', 'echo');
});
afterAll(async () => {
  await orchestratorFixture.stopAll();
  await orchestratorFixture.close();
});

const mona = { id: '7', name: 'mona' };
const lisa = { id: '8', name: 'lisa' };
const jobs = () => createHttpJobs({ url: `${url}/`, key: keys.function });

describe('jobs', () => {
  test('are started once, shown, listed and canceled', async () => {
    const jobId = createJobId();
    const origin = { repository: { id: 7, name: 'acme/ops' }, thread: { number: 3, kind: 'issue' } } as const;
    const request = { kind: 'compute', inputCount: 2, jobId, origin } as const;
    expect(await jobs().start(request)).toEqual({ outcome: 'started', id: jobId });
    expect(await jobs().start(request)).toEqual({ outcome: 'known', id: jobId });
    expect(await jobs().start({ ...request, inputCount: 3 })).toMatchObject({ outcome: 'conflict' });
    expect(await jobs().start({ kind: 'compute', inputCount: 0 })).toMatchObject({
      outcome: 'refused',
      problem: { field: 'inputCount' },
    });
    expect(await jobs().get(jobId)).toMatchObject({ id: jobId, origin });
    expect(await jobs().get(createJobId())).toBeUndefined();
    const page = await jobs().page({ thread: '7/3', states: ['queued', 'running'], top: 5 });
    expect(page.jobs.map(({ id }) => id)).toEqual([jobId]);
    expect(await jobs().cancel(jobId, 'mona')).toBe('accepted');
    while ((await jobs().get(jobId))?.endedAt === null);
    expect(await jobs().cancel(jobId, 'mona')).toBe('ended');
    expect(await jobs().cancel(createJobId(), 'mona')).toBe('not-found');
    expect(await jobs().start({ ...request, jobId: createJobId(), retryOf: jobId })).toMatchObject({
      outcome: 'started',
    });
  });

  test('on inputs that were uploaded', async () => {
    const stored = await jobs().putInputs('1\r\n2\r\n');
    expect(stored).toMatchObject({ outcome: 'stored', count: 2 });
    const inputs = { sha256: 'sha256' in stored ? stored.sha256 : '' };
    const request = { kind: 'compute', algorithm: 'statistics', inputs } as const;
    expect(await jobs().start({ ...request, inputCount: 2 })).toMatchObject({ outcome: 'started' });
    expect(await jobs().start({ ...request, inputCount: 1 })).toMatchObject({
      outcome: 'refused',
      problem: { field: 'inputCount' },
    });
    expect(await jobs().putInputs('1\nx\n')).toMatchObject({
      outcome: 'refused',
      problem: { field: 'line 2', received: 'x' },
    });
    expect(await jobs().putInputs('')).toMatchObject({ outcome: 'refused', problem: { field: 'line 1' } });
    expect(await jobs().putInputs('1'.repeat(10 * 1024 * 1024 + 1))).toMatchObject({
      outcome: 'refused',
      problem: { code: 'too-large' },
    });
  });

  test('of tasks: pinned, and with their log', async () => {
    const { tasks } = await jobs().tasks();
    const pin = tasks[0]?.digests;
    const started = await jobs().start({ kind: 'task', taskName: 'Talk', pin });
    expect(started).toMatchObject({ outcome: 'started' });
    const id = 'id' in started ? started.id : '';
    expect(await jobs().log(id, 4)).toBeUndefined();
    await orchestratorFixture.storage.blobs.put(logPath(id), 'one\ntwo\n');
    expect(await jobs().log(id, 6)).toEqual({ v: 1, id, text: 'two\n', bytes: 8, truncated: true });
    expect(await jobs().log(createJobId(), 4)).toBeUndefined();
    const changed = { definition: '0'.repeat(64), script: null };
    expect(await jobs().start({ kind: 'task', taskName: 'Talk', pin: changed })).toMatchObject({
      outcome: 'refused',
      problem: { code: 'definition-changed' },
    });
    await jobs().cancel(id, 'mona');
  });

  test('that wait: approved, rejected, and what does not count', async () => {
    const code = 'k3x9q0aa7b';
    const approval = { code, count: 1, expiresSeconds: 60, requester: mona };
    const start = async () => {
      const conditions = { approval, locks: [] };
      const started = await jobs().start({ kind: 'task', taskName: 'Talk', conditions });
      return 'id' in started ? started.id : '';
    };
    const id = await start();
    expect(await jobs().approve(id, { by: lisa, code: 'another000' })).toEqual({ outcome: 'wrong-code' });
    expect(await jobs().approve(id, { by: mona, code })).toEqual({ outcome: 'own-request' });
    expect(await jobs().approve(id, { by: lisa, code })).toEqual({ outcome: 'counted', missing: 0 });
    expect(await jobs().reject(id, { by: lisa, code, reason: null })).toBe('not-waiting');
    const other = await start();
    expect(await jobs().reject(other, { by: mona, code: 'another000', reason: null })).toBe('wrong-code');
    expect(await jobs().reject(other, { by: mona, code, reason: 'a mistake' })).toBe('accepted');
    expect(await jobs().get(other)).toMatchObject({ reason: 'rejected', endedBy: 'mona' });
    expect(await jobs().approve(other, { by: lisa, code })).toEqual({ outcome: 'ended' });
    expect(await jobs().reject(createJobId(), { by: lisa, code, reason: null })).toBe('not-found');
    await jobs().cancel(id, 'mona');
  });
});

test('locks', async () => {
  const locks = createHttpLocks({ url, key: keys.function });
  const lock = { scope: 'github.com/1296269', key: 'vm/web-1' };
  expect(await locks.take({ ...lock, by: mona, reason: 'release day' })).toMatchObject({ outcome: 'taken' });
  expect(await locks.take({ ...lock, by: mona, reason: null })).toMatchObject({ outcome: 'yours' });
  const held = { outcome: 'held', lock: { ...lock, holders: [{ person: mona, reason: 'release day' }] } };
  expect(await locks.take({ ...lock, by: lisa, reason: null })).toMatchObject(held);
  expect(await locks.list(lock.scope)).toMatchObject([held.lock]);
  expect(await locks.release({ ...lock, by: lisa, force: false })).toMatchObject(held);
  expect(await locks.release({ ...lock, by: lisa, force: true })).toEqual({ outcome: 'released' });
  expect(await locks.release({ ...lock, by: lisa, force: true })).toEqual({ outcome: 'not-locked' });
});

test('leases', async () => {
  const leases = createHttpLeases({ url, key: keys.function });
  expect(await leases.take('tracker', 'a', 15)).toBe(true);
  expect(await leases.take('tracker', 'a', 15)).toBe(true);
  expect(await leases.take('tracker', 'b', 15)).toBe(false);
  await leases.release('tracker', 'b');
  expect(await leases.take('tracker', 'b', 15)).toBe(false);
  await leases.release('tracker', 'a');
  expect(await leases.take('tracker', 'b', 15)).toBe(true);
  await expect(leases.take('tracker', 'b', 0)).rejects.toThrow('expected an integer from 1 to 604800');
});

let closeServer = async (): Promise<void> => {};
afterEach(() => closeServer());

/** Listens until the end of the test, and calls `answer` with the number of the request. */
const listenRaw = async (
  answer: (count: number, outgoing: ServerResponse) => void,
): Promise<RunningServer> => {
  let count = 0;
  const server = await listen((_incoming, outgoing) => answer((count += 1), outgoing), {
    what: 'the test',
    port: 0,
  });
  closeServer = server.close;
  return server;
};

/** Closes the connection, as a server does with one that was idle for too long. */
const closeConnection = (outgoing: ServerResponse): void => void outgoing.socket?.destroy();

test('an unexpected answer is an error, without the key', async () => {
  const wrong = createHttpJobs({ url, key: 'secret-of-nobody' }).tasks();
  await expect(wrong).rejects.toThrow(OrchestratorError);
  await expect(wrong).rejects.toMatchObject({ status: 401 });
  const { url: closed, port, close } = await listenRaw(() => {});
  await close();
  const nobody = createHttpJobs({ url: closed, key: 'secret-of-nobody' }).tasks();
  await expect(nobody).rejects.toMatchObject({
    status: null,
    message: `The orchestrator did not answer (GET /api/tasks): connect ECONNREFUSED 127.0.0.1:${port}`,
  });
  for (const call of [wrong, nobody]) await expect(call).rejects.not.toThrow('secret-of-nobody');
});

test('a GET whose connection is closed without an answer is repeated once', async () => {
  const answered: boolean[] = [];
  const server = await listenRaw((count, outgoing) => {
    if (count === 1) closeConnection(outgoing);
    else outgoing.end(JSON.stringify({ v: 1, tasks: [], invalid: [] }));
  });
  const onCall = (isAnswered: boolean) => void answered.push(isAnswered);
  await createHttpJobs({ url: server.url, key: 'key', onCall }).tasks();
  expect(answered).toEqual([true]);
});

test.each([
  ['GET', 2, (client: Jobs) => client.tasks()],
  ['POST', 1, (client: Jobs) => client.cancel(createJobId(), 'mona')],
] as const)(
  'a %s without an answer is sent %d time(s), and the error says why',
  async (_method, times, call) => {
    let count = 0;
    const server = await listenRaw((number, outgoing) => {
      count = number;
      closeConnection(outgoing);
    });
    await expect(call(createHttpJobs({ url: server.url, key: 'key' }))).rejects.toMatchObject({
      name: 'OrchestratorError',
      status: null,
      message: expect.stringMatching(/: other side closed$/),
    });
    expect(count).toBe(times);
  },
);

test('an orchestrator that is too slow is not asked again, and the error says that it timed out', async () => {
  let count = 0;
  const deadline = new AbortController();
  const server = await listenRaw((number) => {
    count = number;
    // What a timeout aborts with.
    deadline.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  });
  const slow = createHttpJobs({ url: server.url, key: 'key', createDeadline: () => deadline.signal }).tasks();
  await expect(slow).rejects.toThrow('(GET /api/tasks): The operation was aborted due to timeout');
  expect(count).toBe(1);
});

test('an error does not quote what may contain a credential', async () => {
  const jobs = createHttpJobs({ url: 'http://user:secret-of-nobody@127.0.0.1:1', key: 'key' });
  await expect(jobs.tasks()).rejects.toThrow(/: the connection failed$/);
});

test('the key is not sent to a redirect', async () => {
  const asked: string[] = [];
  const answer = async (request: Request) => {
    asked.push(new URL(request.url).pathname);
    return new Response(null, { status: 307, headers: { location: `${server.url}/elsewhere` } });
  };
  const server = await listen(
    createWebListener(answer, () => {}),
    { what: 'the test', port: 0 },
  );
  const redirected = createHttpJobs({ url: server.url, key: 'secret-of-nobody' }).tasks();
  await expect(redirected).rejects.toMatchObject({ name: 'OrchestratorError', status: 307 });
  expect(asked).toEqual(['/api/tasks']);
  await server.close();
});

test('a token is requested for each call, and a call without one is an error', async () => {
  let asked = 0;
  const token = async () => `token-${(asked += 1)}`;
  const seen: (string | null)[] = [];
  const server = await listen(
    createWebListener(
      async ({ headers }) => {
        seen.push(headers.get('authorization'), headers.get('x-functions-key'));
        return Response.json({ v: 1, tasks: [], invalid: [] });
      },
      () => {},
    ),
    { what: 'the test', port: 0 },
  );
  const withToken = createHttpJobs({ url: server.url, token });
  await withToken.tasks();
  await withToken.tasks();
  expect(seen).toEqual(['Bearer token-1', null, 'Bearer token-2', null]);
  const cause = new Error('no id-token: write');
  const without = createHttpJobs({ url: server.url, token: () => Promise.reject(cause) }).tasks();
  await expect(without).rejects.toMatchObject({ name: 'OrchestratorError', status: null, cause });
  await server.close();
});
