import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createBuiltInAlgorithms } from '../../../compute/algorithms/built-in.ts';
import { TaskDefinition, TaskList } from '../../../contracts/task-definition.ts';
import { createJobId, type JobId } from '../../../contracts/ids.ts';
import { exitPath, logPath, startedPath } from '../../../contracts/blob-paths.ts';
import type { ExitRecord } from '../../../contracts/exit-record.ts';
import {
  LauncherUnavailableError,
  type Launcher,
  type RunSpec,
  type RunnerState,
} from '../../../compute/launcher/port.ts';
import { createProcessLauncher } from '../../../compute/launcher/process/process-launcher.ts';
import {
  log,
  openOrchestratorFixture,
  openTestOrchestrator,
  waitUntil,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';
import { startFakeRelay } from '../../fakes/block-worker.ts';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
  const { blobs } = fixture.storage;
  await blobs.put('tasks/greet.sh', '#!/bin/sh\necho "Hello $who"\nexit ${code:-0}\n');
  const scriptParameters = [
    { parameterName: 'who', required: true },
    { parameterName: 'code', parameterType: 'integer', default: 0 },
    { parameterName: 'pass', secret: true },
    { parameterName: 'unused' },
  ];
  const greet = { dockerImage: 'image', scriptName: 'greet.sh', scriptParameters, timeoutSeconds: 30 };
  await blobs.put('tasks/Greet.json', JSON.stringify({ taskName: 'Greet', ...greet }));
  await blobs.put('tasks/Lost.json', JSON.stringify({ taskName: 'Lost', ...greet, scriptName: 'lost.sh' }));
  await blobs.put('tasks/Broken.json', 'not JSON');
  const alone = { ...greet, taskName: 'Alone', locks: [{ key: 'vm/${who}' }] };
  await blobs.put('tasks/Alone.json', JSON.stringify(alone));
  const reserved = { taskName: 'Reserved', ...greet, scriptParameters: [{ parameterName: 'Ld_Preload' }] };
  await blobs.put('tasks/Reserved.json', JSON.stringify(reserved));
  const large = {
    taskName: 'Large',
    ...greet,
    scriptParameters: [{ parameterName: 'p', pattern: 'a{999}'.repeat(6) }],
  };
  await blobs.put('tasks/Large.json', JSON.stringify(large));
});
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

/** Creates a launcher whose runners a test controls. */
const launcherOf = (run: (order: RunSpec) => Promise<RunnerState>) => {
  const orders: RunSpec[] = [];
  const removed: JobId[] = [];
  const states = new Map<JobId, RunnerState>();
  const launcher: Launcher = {
    launch: async (order) => {
      orders.push(order);
      states.set(order.job, await run(order));
      return { kind: 'launched' };
    },
    inspect: async (job) => ({ state: states.get(job) ?? 'gone', message: null }),
    remove: async (job) => {
      removed.push(job);
      return 'gone';
    },
  };
  return { launcher, orders, removed, states };
};

const ends = async (job: JobId, exit: Partial<ExitRecord>, text = 'Hello\n') => {
  await fixture.storage.blobs.putOnce(startedPath(job), '');
  await fixture.storage.blobs.put(logPath(job), text);
  const record = {
    v: 1,
    job,
    exitCode: null,
    signal: null,
    timedOut: false,
    startedAt: 'then',
    endedAt: 'now',
    ...exit,
  };
  await fixture.storage.blobs.putOnce(exitPath(job), JSON.stringify(record));
};

const startTask = async (platform: TestOrchestrator, request: object = {}): Promise<JobId> => {
  const jobId = createJobId();
  const parameters = [{ name: 'who', value: 'mona' }];
  const answer = await platform.call('POST', 'tasks', { jobId, taskName: 'Greet', parameters, ...request });
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
  return jobId;
};

test('a script that ends with 0', async () => {
  const { launcher, orders, removed } = launcherOf(async ({ job }) => {
    await ends(job, { exitCode: 0 });
    return 'running';
  });
  const platform = await openTestOrchestrator(fixture, { launcher });
  const parameters = [
    { name: 'who', value: 'mona' },
    { name: 'pass', value: 'hunter2' },
  ];
  const id = await startTask(platform, { parameters });
  expect(await platform.ended(id)).toMatchObject({
    kind: 'task',
    state: 'completed',
    reason: null,
    progress: null,
    result: { exitCode: 0, signal: null, timedOut: false, logTail: 'Hello\n' },
    links: { log: { path: logPath(id) } },
  });
  expect(orders).toHaveLength(1);
  expect(orders[0]).toMatchObject({
    job: id,
    image: 'image',
    parameters: { who: 'mona', code: '0', pass: 'hunter2' },
    secrets: ['pass'],
    timeoutSeconds: 30,
    sha256: null,
  });
  expect(orders[0]?.parameters).not.toHaveProperty('unused');
  expect(removed).toEqual([id]);
  const { script = '', exit = '' } = orders[0]?.links ?? {};
  expect((await fetch(script)).status).toBe(200);
  expect((await fetch(exit)).status).toBe(403);
});

test.each<[string, Partial<ExitRecord>, object]>([
  [
    'a script that fails',
    { exitCode: 3 },
    { state: 'failed', reason: 'script-failed', message: 'The script ended with exit code 3' },
  ],
  [
    'a script that a signal ends',
    { signal: 'SIGSEGV' },
    { state: 'failed', reason: 'script-failed', message: 'The script was ended by SIGSEGV' },
  ],
  [
    'a script that runs out of time',
    { signal: 'SIGTERM', timedOut: true },
    { state: 'timed-out', reason: 'deadline', result: { timedOut: true } },
  ],
  [
    'a script that the runner did not find',
    { notStarted: { reason: 'script-missing', message: 'no script' } },
    { state: 'failed', reason: 'script-missing', message: 'no script' },
  ],
  [
    'a managed identity without a token, as a reason that older bots know',
    { notStarted: { reason: 'identity-unavailable', message: 'no token' } },
    { state: 'failed', reason: 'launch-failed', message: 'no token' },
  ],
])('%s', async (_what, exit, expected) => {
  const { launcher } = launcherOf(async ({ job }) => {
    await ends(job, exit);
    return 'ended';
  });
  const platform = await openTestOrchestrator(fixture, { launcher });
  expect(await platform.ended(await startTask(platform))).toMatchObject(expected);
});

test.each([
  ['Broken', 'definition-invalid'],
  ['Reserved', 'definition-invalid'],
  ['Large', 'definition-invalid'],
  ['Lost', 'script-missing'],
])('what is wrong with the catalogue launches nothing: %s', async (taskName, reason) => {
  const { launcher, orders } = launcherOf(async () => 'running');
  const platform = await openTestOrchestrator(fixture, { launcher });
  const job = await platform.ended(await startTask(platform, { taskName }));
  expect(job).toMatchObject({ state: 'failed', reason });
  expect(orders).toEqual([]);
});

test('a job does not run without the current locks of its definition', async () => {
  const { launcher, orders } = launcherOf(async () => 'running');
  const platform = await openTestOrchestrator(fixture, { launcher });
  const { blobs } = fixture.storage;
  const parameters = [{ parameterName: 'who' }];
  const late = {
    taskName: 'LockedLate',
    dockerImage: 'image',
    scriptName: 'greet.sh',
    scriptParameters: parameters,
  };
  const code = 'abcdefghij';
  const mona = { id: '1', name: 'mona' };
  const conditions = { approval: { code, expiresSeconds: 60, requester: mona } };
  for (const before of ['not JSON', JSON.stringify(late)]) {
    await blobs.put('tasks/LockedLate.json', before);
    const id = await startTask(platform, { taskName: 'LockedLate', conditions });
    await waitUntil(async () => (await platform.view(id)).state === 'waiting');
    await blobs.put('tasks/LockedLate.json', JSON.stringify({ ...late, locks: [{ key: 'vm/${who}' }] }));
    await platform.call('POST', `jobs/${id}/approve`, { code, by: { id: '2', name: 'octavia' } });
    expect(await platform.ended(id)).toMatchObject({
      state: 'failed',
      reason: 'definition-invalid',
      message: expect.stringContaining('the locks in the definition'),
    });
  }
  expect(orders).toEqual([]);
  await blobs.delete(['tasks/LockedLate.json']);
});

test('a lock of the definition applies to every caller and every request', async () => {
  const { launcher, orders } = launcherOf(async () => 'running');
  const platform = await openTestOrchestrator(fixture, { launcher });
  const origin = (id: number) => ({ host: 'github.com', repository: { id, name: 'acme/ops' } });
  const open = { locks: [{ scope: 'tasks', key: 'vm/mona', slots: 1_000 }] };
  const { blobs } = fixture.storage;
  const alone = v.parse(TaskDefinition, JSON.parse(String(await blobs.get('tasks/Alone.json'))));
  const impatient = { ...alone, taskName: 'Impatient', locks: [{ key: 'vm/${who}', whenTaken: 'refuse' }] };
  const first = await startTask(platform, { taskName: 'Alone', origin: origin(1), conditions: open });
  await waitUntil(async () => orders.length === 1);
  const second = await startTask(platform, { taskName: 'Alone', origin: origin(2), conditions: open });
  await waitUntil(async () => (await platform.view(second)).state === 'waiting');
  expect(await platform.view(second)).toMatchObject({
    // The response does not reveal the other repository's job.
    waiting: { for: 'lock', scope: 'tasks', key: 'vm/mona', holders: [], elsewhere: 1, ahead: 0 },
  });
  const third = await startTask(platform, { taskName: 'Alone', origin: origin(1) });
  await waitUntil(async () => (await platform.view(third)).state === 'waiting');
  const { waiting } = await platform.view(third);
  expect(waiting).toMatchObject({ holders: [{ job: first, owner: 'github.com/1' }], ahead: 1 });
  expect(waiting).not.toHaveProperty('elsewhere');
  await blobs.put('tasks/Impatient.json', JSON.stringify(impatient));
  const refused = await startTask(platform, { taskName: 'Impatient', origin: origin(2) });
  expect(await platform.ended(refused)).toMatchObject({
    reason: 'lock-taken',
    message: 'The lock vm/mona is taken by a job of another repository',
  });
  await blobs.delete(['tasks/Impatient.json']);
  const other = await startTask(platform, {
    taskName: 'Alone',
    parameters: [{ name: 'who', value: 'octavia' }],
  });
  await waitUntil(async () => orders.length === 2);
  expect(orders.map(({ job }) => job)).toEqual([first, other]);
  for (const id of [first, other, second, third]) {
    await ends(id, { exitCode: 0 });
    await platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' });
    await platform.ended(id);
  }
});

test('the catalogue says what compute jobs can be, as the orchestrator would accept them', async () => {
  const platform = await openTestOrchestrator(fixture, { algorithms: createBuiltInAlgorithms() });
  const { compute } = v.parse(TaskList, (await platform.call('GET', 'tasks')).body);
  expect(compute).toMatchObject({ defaultAlgorithm: 'monte-carlo-pi', limits: { inputs: 10_000_000 } });
  const pi = compute?.algorithms.find(({ name }) => name === 'monte-carlo-pi');
  const samples = pi?.parameters.find(({ name }) => name === 'samples');
  expect(samples).toMatchObject({ type: 'integer', required: false, default: 1_000, min: 1, max: 1_000_000 });
  const start = (value: number) =>
    platform.call('POST', 'orchestrators/ComputeOrchestrator', {
      inputCount: 1,
      parameters: { samples: value },
    });
  expect((await start((samples?.max ?? 0) + 1)).status).toBe(400);
  const { status, body } = await start(samples?.min ?? 0);
  expect(status).toBe(202);
  await platform.call('POST', `jobs/${String(body['id'])}/cancel`, { by: 'mona' });
  await platform.ended(String(body['id']));
});

test('a parameter with a reserved name makes its task invalid, and no other', async () => {
  const platform = await openTestOrchestrator(fixture);
  const { status, body } = await platform.call('GET', 'tasks');
  expect(status).toBe(200);
  const { tasks, invalid } = v.parse(TaskList, body);
  expect(tasks.map(({ taskName }) => taskName)).toEqual(['Alone', 'Greet', 'Lost']);
  expect(invalid).toEqual([
    { name: 'Broken', message: expect.stringContaining('not JSON') },
    {
      name: 'Large',
      message:
        'The definition of Large is not valid: the pattern of p compiles to 5996 instructions; at most 5000 are allowed',
    },
    {
      name: 'Reserved',
      message:
        'The definition of Reserved is not valid: its parameter Ld_Preload has a reserved name: a variable of this name can load other code into every program. Rename the parameter in the definition and in the script',
    },
  ]);
});

test('a runner that cannot be started', async () => {
  const { launcher, removed } = launcherOf(() => Promise.reject(new Error('no room: https://x/?sig=abc')));
  const platform = await openTestOrchestrator(fixture, { launcher });
  const id = await startTask(platform);
  expect(await platform.ended(id)).toMatchObject({
    state: 'failed',
    reason: 'launch-failed',
    message: 'Could not start the runner: no room: https://x/?sig=[redacted]',
  });
  expect(removed).toEqual([id]);
});

test('a launcher that is temporarily unavailable is called again, and the job does not fail', async () => {
  let calls = 0;
  const { launcher, orders } = launcherOf(async ({ job }) => {
    calls += 1;
    if (calls === 1) throw new LauncherUnavailableError('The launcher did not answer');
    await ends(job, { exitCode: 0 });
    return 'running';
  });
  const platform = await openTestOrchestrator(fixture, { launcher });
  expect(await platform.ended(await startTask(platform))).toMatchObject({ state: 'completed' });
  expect(orders).toHaveLength(2);
});

test.each([
  [false, 'before the script started'],
  [true, 'how the script ended is not known'],
])('a runner that is lost; started: %s', async (started, known) => {
  const { launcher, orders } = launcherOf(async ({ job }) => {
    if (started) await fixture.storage.blobs.putOnce(startedPath(job), '');
    return 'gone';
  });
  const platform = await openTestOrchestrator(fixture, { launcher });
  const job = await platform.ended(await startTask(platform));
  expect(job).toMatchObject({ state: 'failed', reason: 'runner-lost' });
  expect(job.message).toContain(known);
  expect(orders).toHaveLength(1);
});

test('a launch with an unknown outcome is not repeated once the script has started', async () => {
  const { launcher, orders } = launcherOf(async ({ job }) => {
    await fixture.storage.blobs.putOnce(startedPath(job), '');
    throw new Error('the line went dead');
  });
  const platform = await openTestOrchestrator(fixture, { launcher });
  const job = await platform.ended(await startTask(platform));
  expect(job).toMatchObject({ state: 'failed', reason: 'runner-lost' });
  expect(orders).toHaveLength(1);
});

test('a cancel removes the runner', async () => {
  const { launcher, orders, removed } = launcherOf(async () => 'running');
  const platform = await openTestOrchestrator(fixture, { launcher });
  const id = await startTask(platform);
  await waitUntil(() => orders.length === 1);
  expect((await platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' })).status).toBe(202);
  expect(await platform.ended(id)).toMatchObject({
    state: 'canceled',
    reason: 'canceled-by-user',
    endedBy: 'mona',
    result: { exitCode: null, logTail: null },
    links: null,
  });
  expect(removed).toEqual([id]);
});

test('a runner that does not enforce the timeout is removed', async () => {
  const { launcher, removed } = launcherOf(async ({ job }) => {
    await fixture.storage.blobs.putOnce(startedPath(job), '');
    return 'running';
  });
  const platform = await openTestOrchestrator(fixture, { launcher });
  const id = await startTask(platform, { timeoutSeconds: 1 });
  expect(await platform.ended(id)).toMatchObject({ state: 'timed-out', reason: 'deadline' });
  expect(removed).toEqual([id]);
});

test('the runner of a terminated task is removed', async () => {
  const { launcher, orders, removed } = launcherOf(async () => 'running');
  const platform = await openTestOrchestrator(fixture, { launcher });
  const id = await startTask(platform);
  await waitUntil(() => orders.length === 1);
  await platform.client.terminate(id, 'enough');
  await platform.runChore('clean-up-terminated');
  await platform.runChore('clean-up-terminated');
  expect(removed).toEqual([id]);
  expect(await platform.view(id)).toMatchObject({ state: 'canceled', reason: 'terminated', result: null });
});

test('the tail of a long log starts at a line', async () => {
  const lines = Array.from({ length: 2_000 }, (_, n) => `line ${n} é`).join('\n');
  const { launcher } = launcherOf(async ({ job }) => {
    await ends(job, { exitCode: 0 }, lines);
    return 'ended';
  });
  const platform = await openTestOrchestrator(fixture, { launcher });
  const job = await platform.ended(await startTask(platform));
  const { logTail } = job.result as { logTail: string };
  expect(Buffer.byteLength(logTail)).toBeLessThanOrEqual(8_192);
  expect(logTail).toMatch(/^line \d+ é\n/);
  expect(logTail.endsWith('line 1999 é')).toBe(true);
});

test.each(['live', 'replay', 'hosted'] as const)('a real runner, sessions: %s', async (sessions) => {
  const launcher = createProcessLauncher({ folder: join(fixture.folder, `runs-${sessions}`), log });
  fixture.releases.push(() => launcher.close());
  // Polls are rare: only the event can report the exit.
  const platform = await openTestOrchestrator(fixture, { launcher, sessions, timing: { minRunnerPoll: 20 } });
  startFakeRelay(fixture, platform);
  const good = await startTask(platform);
  const parameters = [
    { name: 'who', value: 'lisa' },
    { name: 'code', value: '7' },
  ];
  const bad = await startTask(platform, { parameters });
  expect(await platform.ended(good)).toMatchObject({
    state: 'completed',
    result: { logTail: 'Hello mona\n' },
  });
  expect(await platform.ended(bad)).toMatchObject({
    state: 'failed',
    reason: 'script-failed',
    result: { exitCode: 7, logTail: 'Hello lisa\n' },
  });
});
