import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { toBatchPrefix, createJobId } from '../../../contracts/ids.ts';
import {
  listPaths,
  openOrchestratorFixture,
  openTestOrchestrator,
  type OrchestratorFixture,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';
import {
  approval,
  approve,
  cancel,
  code,
  toPerson,
  reject,
  waitForRunning,
  startWithConditions,
  waitForWaiting,
  waitForJob,
} from '../../fixtures/orchestrator/jobs-with-conditions.ts';
import { startFakeRelay, startFakeWorker } from '../../fakes/block-worker.ts';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
});
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

const modes = ['live', 'replay', 'hosted'] as const;

test.each(modes)('nothing runs before another person approves, sessions: %s', async (sessions) => {
  const platform = await openTestOrchestrator(fixture, { sessions });
  startFakeRelay(fixture, platform);
  startFakeWorker(fixture);
  const id = await startWithConditions(platform, { approval }, { timeoutSeconds: 60 });
  const waiting = await waitForWaiting(platform, id, 'approval');
  expect(waiting).toMatchObject({
    state: 'waiting',
    startedAt: null,
    endedAt: null,
    progress: { done: 0, failed: 0, total: 3 },
    waiting: { for: 'approval', code, count: 1, requester: toPerson('mona') },
    approvals: [],
  });
  const { createdAt } = waiting;
  const expiresAt = waiting.waiting?.for === 'approval' ? waiting.waiting.expiresAt : '';
  expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBeGreaterThanOrEqual(3_600_000);
  const { body } = await platform.call('GET', 'jobs?state=waiting');
  expect(body.jobs.map((job) => job.id)).toEqual([id]);
  expect((await platform.call('GET', 'jobs?state=running')).body.jobs).toEqual([]);
  expect(await listPaths(fixture.storage, `input/${id}/`)).toEqual([]);
  expect((await platform.client.list({ prefix: toBatchPrefix(id) })).instances).toEqual([]);

  expect(await approve(platform, id, 'lisa')).toMatchObject({ status: 202, body: { v: 1, id, missing: 0 } });
  const ended = await platform.ended(id);
  expect(ended).toMatchObject({
    state: 'completed',
    progress: { done: 3 },
    waiting: null,
    approvals: [{ by: toPerson('lisa') }],
  });
  expect(ended.startedAt).toBe(ended.approvals[0]?.at);
  // A late redelivery gets the same response.
  expect(await approve(platform, id, 'lisa')).toMatchObject({ status: 202, body: { missing: 0 } });
  expect(await approve(platform, id, 'hubot')).toMatchObject({
    status: 410,
    body: { error: { code: 'ended' } },
  });
});

test.each(modes)('two people must approve, each counts once, sessions: %s', async (sessions) => {
  const platform = await openTestOrchestrator(fixture, { sessions });
  const id = await startWithConditions(platform, { approval: { ...approval, count: 2 } });
  await waitForWaiting(platform, id, 'approval');
  const twice = await Promise.all([approve(platform, id, 'lisa'), approve(platform, id, 'lisa')]);
  expect(twice).toMatchObject([
    { status: 202, body: { missing: 1 } },
    { status: 202, body: { missing: 1 } },
  ]);
  expect(await platform.view(id)).toMatchObject({ state: 'waiting', approvals: [{ by: { name: 'lisa' } }] });
  expect(await approve(platform, id, 'hubot')).toMatchObject({ status: 202, body: { missing: 0 } });
  const job = await waitForRunning(platform, id);
  expect(job.approvals.map(({ by }) => by.name)).toEqual(['lisa', 'hubot']);
  expect(await approve(platform, id, 'lisa')).toMatchObject({ status: 202, body: { missing: 0 } });
  const late = await platform.call('POST', `jobs/${id}/approve`, { by: { id: '1', name: 'late' }, code });
  expect(late).toMatchObject({ status: 409, body: { error: { code: 'not-waiting' } } });
  expect(await reject(platform, id, 'hubot', null)).toMatchObject({
    status: 409,
    body: { error: { code: 'not-waiting' } },
  });
  await cancel(platform, id);
  expect((await platform.ended(id)).approvals).toHaveLength(2);
});

test('two concurrent approvals both get the right response', async () => {
  const platform = await openTestOrchestrator(fixture);
  const id = await startWithConditions(platform, { approval: { ...approval, count: 2 } });
  const answers = await Promise.all([approve(platform, id, 'lisa'), approve(platform, id, 'hubot')]);
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  expect(Math.min(...answers.map(({ body }) => Number(body['missing'])))).toBe(0);
  await waitForRunning(platform, id);
  await cancel(platform, id);
  await platform.ended(id);
});

test.each(modes)('an invalid verdict changes nothing, sessions: %s', async (sessions) => {
  const platform = await openTestOrchestrator(fixture, { sessions });
  const id = await startWithConditions(platform, { approval });
  await waitForWaiting(platform, id, 'approval');
  expect(await approve(platform, id, 'lisa', 'another000')).toMatchObject({
    status: 409,
    body: { error: { code: 'wrong-code' } },
  });
  expect(await reject(platform, id, 'lisa', null, 'another000')).toMatchObject({
    status: 409,
    body: { error: { code: 'wrong-code' } },
  });
  expect(await approve(platform, id, 'mona')).toMatchObject({
    status: 409,
    body: { error: { code: 'own-request' } },
  });
  // An event that bypasses the route does not count either.
  const by = toPerson('lisa');
  for (const data of [
    null,
    'yes',
    { decision: 'approve', by },
    { decision: 'approve', by, code: 'another000' },
    { decision: 'reject', by, code: 'another000' },
    { decision: 'maybe', by, code },
    { decision: 'approve', by: toPerson('mona'), code },
    { decision: 'approve', by: { id: '7', name: 'somebody else' }, code },
  ])
    await platform.client.raiseEvent(id, 'Approval', data);
  expect(await platform.view(id)).toMatchObject({ state: 'waiting', approvals: [] });
  expect(await approve(platform, id, 'lisa')).toMatchObject({ status: 202, body: { missing: 0 } });
  await cancel(platform, id);
  await platform.ended(id);
});

test.each([
  ['lisa', 'not on a Friday'],
  ['mona', null],
] as const)('%s rejects: %s', async (name, reason) => {
  const platform = await openTestOrchestrator(fixture);
  const id = await startWithConditions(platform, { approval: { ...approval, count: 2 } });
  await approve(platform, id, 'hubot');
  expect(await reject(platform, id, name, reason)).toMatchObject({ status: 202, body: { v: 1, id } });
  expect(await platform.view(id)).toMatchObject({
    state: 'canceled',
    reason: 'rejected',
    endedBy: name,
    message: reason,
    startedAt: null,
    waiting: null,
    approvals: [{ by: { name: 'hubot' } }],
    progress: { done: 0, failed: 0, total: 3, workers: null },
    links: null,
  });
  expect((await reject(platform, id, name, reason)).status).toBe(202);
  expect((await reject(platform, id, 'hubot', reason)).status).toBe(410);
  expect((await approve(platform, id, 'hubot')).status).toBe(410);
  expect(await listPaths(fixture.storage, `control/${id}/`)).toEqual([]);
});

test.each(modes)('an approval that expires, sessions: %s', async (sessions) => {
  const platform = await openTestOrchestrator(fixture, { sessions });
  const id = await startWithConditions(platform, { approval: { ...approval, expiresSeconds: 1 } });
  expect(await platform.ended(id)).toMatchObject({
    state: 'timed-out',
    reason: 'approval-expired',
    endedBy: null,
    startedAt: null,
  });
  expect((await approve(platform, id, 'lisa')).status).toBe(410);
});

test.each(modes)('a cancel during the wait, sessions: %s', async (sessions) => {
  const platform = await openTestOrchestrator(fixture, { sessions });
  const id = await startWithConditions(platform, { approval });
  await waitForWaiting(platform, id, 'approval');
  expect((await cancel(platform, id)).status).toBe(202);
  expect(await platform.ended(id)).toMatchObject({
    state: 'canceled',
    reason: 'canceled-by-user',
    endedBy: 'mona',
    startedAt: null,
  });
});

test.each(modes)('a cancel after the approval stops the work, sessions: %s', async (sessions) => {
  const platform = await openTestOrchestrator(fixture, { sessions });
  const id = await startWithConditions(platform, { approval });
  await approve(platform, id, 'lisa');
  await waitForJob(platform, id, ({ startedAt }) => startedAt !== null);
  await cancel(platform, id);
  expect(await platform.ended(id)).toMatchObject({ state: 'canceled', reason: 'canceled-by-user' });
});

test('the timeout of a job starts with its work', async () => {
  const platform = await openTestOrchestrator(fixture);
  const id = await startWithConditions(platform, { approval }, { timeoutSeconds: 1 });
  const { createdAt } = await waitForWaiting(platform, id, 'approval');
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await approve(platform, id, 'lisa');
  const { state, reason, startedAt, endedAt } = await platform.ended(id);
  expect({ state, reason }).toEqual({ state: 'timed-out', reason: 'deadline' });
  expect(Date.parse(startedAt ?? '') - Date.parse(createdAt)).toBeGreaterThan(1_000);
  expect(Date.parse(endedAt ?? '') - Date.parse(startedAt ?? '')).toBeGreaterThanOrEqual(1_000);
});

test.each(modes)('a restart of the host changes nothing, sessions: %s', async (sessions) => {
  const file = join(fixture.folder, `again-${sessions}.db`);
  const first = await openTestOrchestrator(fixture, { sessions, file });
  const id = await startWithConditions(first, { approval: { ...approval, count: 2 } });
  await approve(first, id, 'lisa');
  const before = await waitForWaiting(first, id, 'approval');
  await first.close();

  const second = await openTestOrchestrator(fixture, { sessions, file });
  startFakeRelay(fixture, second);
  startFakeWorker(fixture);
  expect(await second.view(id)).toEqual(before);
  expect(await approve(second, id, 'hubot')).toMatchObject({ status: 202, body: { missing: 0 } });
  expect(await second.ended(id)).toMatchObject({
    state: 'completed',
    approvals: [{ by: { name: 'lisa' } }, { by: { name: 'hubot' } }],
  });
});

test('jobs without approval, and unknown jobs', async () => {
  const platform = await openTestOrchestrator(fixture);
  const id = await startWithConditions(platform, { locks: [] });
  await waitForRunning(platform, id);
  for (const tell of [
    approve,
    (...[on, job, name]: Parameters<typeof approve>) => reject(on, job, name, null),
  ]) {
    expect(await tell(platform, id, 'lisa')).toMatchObject({
      status: 409,
      body: { error: { code: 'not-waiting' } },
    });
    expect((await tell(platform, createJobId(), 'lisa')).status).toBe(404);
  }
  const nobody = await platform.call('POST', `jobs/${id}/approve`, { code });
  expect(nobody).toMatchObject({ status: 400, body: { error: { field: 'by' } } });
  const long = await reject(platform, id, 'lisa', 'x'.repeat(1_025));
  expect(long).toMatchObject({ status: 400, body: { error: { field: 'reason' } } });
  await cancel(platform, id);
  await platform.ended(id);
});
