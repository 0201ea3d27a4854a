import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { maxValueBytes } from '../../../chatops/command/command-arguments.ts';
import { locksPrefix } from '../../../contracts/blob-paths.ts';
import {
  listPaths,
  openOrchestratorFixture,
  openTestOrchestrator,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';
import {
  cancel,
  fetchLocks,
  toPerson,
  waitForRunning,
  startWithConditions,
  waitForWaiting,
  type PersonName,
} from '../../fixtures/orchestrator/jobs-with-conditions.ts';
import { waitUntil } from '../../fixtures/orchestrator/orchestrator-fixture.ts';
import { startFakeRelay } from '../../fakes/block-worker.ts';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
});
afterEach(async () => {
  await fixture.stopAll();
  expect(await listPaths(fixture.storage, locksPrefix)).toEqual([]);
});
afterAll(() => fixture.close());

const lock = { scope: 'github.com/1296269', key: 'vm/web-1' };
const take = (platform: TestOrchestrator, name: PersonName, reason: string | null = null) =>
  platform.call('POST', 'locks', { ...lock, by: toPerson(name), reason });
const release = (platform: TestOrchestrator, name: PersonName, force?: boolean) =>
  platform.call('POST', 'locks/release', { ...lock, by: toPerson(name), force });

test('a person takes, holds and releases a lock', async () => {
  const platform = await openTestOrchestrator(fixture);
  const held = {
    v: 1,
    ...lock,
    holders: [{ kind: 'person', person: toPerson('mona'), reason: 'release day' }],
  };
  expect(await take(platform, 'mona', 'release day')).toMatchObject({
    status: 200,
    body: { v: 1, outcome: 'taken', lock: held },
  });
  expect(await take(platform, 'mona', 'again')).toMatchObject({
    status: 200,
    body: { outcome: 'yours', lock: held },
  });
  expect(await take(platform, 'lisa')).toMatchObject({
    status: 409,
    body: { error: { code: 'lock-held' }, lock: held },
  });
  expect(await fetchLocks(platform, lock.scope)).toMatchObject([held]);
  expect(await release(platform, 'lisa')).toMatchObject({ status: 409, body: { lock: held } });
  expect((await release(platform, 'mona')).status).toBe(200);
  expect(await release(platform, 'mona')).toMatchObject({
    status: 404,
    body: { error: { code: 'not-locked' } },
  });
  expect(await fetchLocks(platform, lock.scope)).toEqual([]);
});

test('a reason can be as long as a value of a command', async () => {
  const platform = await openTestOrchestrator(fixture);
  const reason = 'x'.repeat(maxValueBytes);
  expect(await take(platform, 'mona', reason)).toMatchObject({
    body: { lock: { holders: [{ kind: 'person', reason }] } },
  });
  await release(platform, 'mona');
});

test('of many concurrent people one gets it', async () => {
  const platform = await openTestOrchestrator(fixture);
  const names = ['mona', 'lisa', 'hubot'] as const;
  const answers = await Promise.all(names.map((name) => take(platform, name)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(2);
  expect((await release(platform, 'mona', true)).status).toBe(200);
});

test('a job waits for a person, who has all slots, and gets the lock after the release', async () => {
  const platform = await openTestOrchestrator(fixture, { timing: { minLockPoll: 60, maxLockPoll: 60 } });
  startFakeRelay(fixture, platform);
  await take(platform, 'mona', 'release day');
  const id = await startWithConditions(platform, { locks: [{ ...lock, slots: 2 }] });
  expect(await waitForWaiting(platform, id, 'lock')).toMatchObject({
    waiting: { holders: [{ kind: 'person', person: toPerson('mona'), reason: 'release day' }], ahead: 0 },
  });
  const refused = await startWithConditions(platform, { locks: [{ ...lock, whenTaken: 'refuse' }] });
  expect(await platform.ended(refused)).toMatchObject({
    reason: 'lock-taken',
    message: 'The lock vm/web-1 is taken by mona',
  });
  expect((await release(platform, 'lisa', true)).status).toBe(200);
  await waitForRunning(platform, id);

  // A person can neither take nor release a job's lock.
  const held = { status: 409, body: { lock: { holders: [{ kind: 'job', job: id }] } } };
  expect(await take(platform, 'mona')).toMatchObject(held);
  expect(await release(platform, 'mona', true)).toMatchObject(held);
  await cancel(platform, id);
  await platform.ended(id);
});

const takeUntil = (platform: TestOrchestrator, end: object | null | undefined, name: PersonName = 'mona') =>
  platform.call('POST', 'locks', { ...lock, by: toPerson(name), reason: null, end });
const endWith = (platform: TestOrchestrator, thread: number, takenBefore: string, scope = lock.scope) =>
  platform.call('POST', 'locks/end', { scope, thread, takenBefore });
const soon = () => new Date(Date.now() + 60_000).toISOString();

test('a lock ends at its time: on reading, for the next person, and for a job that waits', async () => {
  const platform = await openTestOrchestrator(fixture, { timing: { minLockPoll: 60, maxLockPoll: 60 } });
  startFakeRelay(fixture, platform);
  const taken = await takeUntil(platform, { seconds: 1 });
  expect(taken).toMatchObject({
    status: 200,
    body: { lock: { holders: [{ end: { at: expect.any(String), thread: null } }] } },
  });
  expect(await takeUntil(platform, undefined, 'lisa')).toMatchObject({ status: 409 });
  await waitUntil(async () => (await fetchLocks(platform, lock.scope)).length === 0);
  expect(await takeUntil(platform, { seconds: 1 }, 'lisa')).toMatchObject({ body: { outcome: 'taken' } });
  const id = await startWithConditions(platform, { locks: [lock] });
  expect(await waitForWaiting(platform, id, 'lock')).toMatchObject({
    waiting: { holders: [{ person: toPerson('lisa'), end: { thread: null } }] },
  });
  await waitUntil(async () => {
    await platform.runChore('reclaim-locks');
    return (await platform.view(id)).state === 'running';
  });
  await cancel(platform, id);
  await platform.ended(id);
});

test('a lock ends with its thread, for good; a lock of another thread, scope or a later one stays', async () => {
  const platform = await openTestOrchestrator(fixture);
  await takeUntil(platform, { thread: 7 });
  for (const [thread, before, scope] of [
    [8, soon(), lock.scope],
    [7, '2026-01-01T00:00:00Z', lock.scope],
    [7, soon(), 'github.com/2'],
  ] as const)
    expect(await endWith(platform, thread, before, scope)).toMatchObject({
      status: 200,
      body: { released: [] },
    });
  expect(await fetchLocks(platform, lock.scope)).toMatchObject([
    { holders: [{ end: { at: null, thread: 7 } }] },
  ]);
  expect(await endWith(platform, 7, soon())).toMatchObject({ body: { released: [lock.key] } });
  expect(await endWith(platform, 7, soon())).toMatchObject({ body: { released: [] } });
  expect(await fetchLocks(platform, lock.scope)).toEqual([]);
});

test('the holder can change the end of a lock, and nobody else can', async () => {
  const platform = await openTestOrchestrator(fixture);
  const endOf = async () => (await fetchLocks(platform, lock.scope))[0]?.holders[0];
  await takeUntil(platform, undefined);
  expect(await takeUntil(platform, { thread: 7, seconds: 60 })).toMatchObject({ body: { outcome: 'yours' } });
  expect(await endOf()).toMatchObject({ end: { at: expect.any(String), thread: 7 } });
  await takeUntil(platform, undefined);
  expect(await endOf()).toMatchObject({ end: { thread: 7 } });
  expect(await takeUntil(platform, null, 'lisa')).toMatchObject({ status: 409 });
  await takeUntil(platform, null);
  expect(await endOf()).toMatchObject({ end: null });
  await release(platform, 'mona');
});

test.each([
  ['POST', 'locks', { ...lock, by: toPerson('mona'), end: { seconds: 604_801 } }, 'end.seconds'],
  ['POST', 'locks', { ...lock, by: toPerson('mona'), end: { thread: 0 } }, 'end.thread'],
  ['POST', 'locks/end', { scope: lock.scope, thread: 7, takenBefore: 'soon' }, 'takenBefore'],
  ['GET', 'locks', undefined, 'scope'],
  ['GET', 'locks?scope=two%20words', undefined, 'scope'],
  ['POST', 'locks', { ...lock, key: 'vm/', by: toPerson('mona') }, 'key'],
  ['POST', 'locks', lock, 'by'],
  ['POST', 'locks', { ...lock, by: toPerson('mona'), reason: 'x'.repeat(1_025) }, 'reason'],
  ['POST', 'locks/release', { ...lock, by: toPerson('mona'), force: 'yes' }, 'force'],
] as const)('refuses %s %s %j', async (method, path, body, field) => {
  const platform = await openTestOrchestrator(fixture);
  expect(await platform.call(method, path, body)).toMatchObject({ status: 400, body: { error: { field } } });
});
