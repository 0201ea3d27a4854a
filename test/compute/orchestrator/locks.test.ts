import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { toBatchPrefix, createJobId, type JobId } from '../../../contracts/ids.ts';
import { lockPath, locksPrefix } from '../../../contracts/blob-paths.ts';
import {
  listPaths,
  noLauncher,
  openOrchestratorFixture,
  openTestOrchestrator,
  waitUntil,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';
import {
  approval,
  approve,
  cancel,
  fetchLocks,
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
const scope = 'github.com/1296269';
const vm = { scope, key: 'vm/web-1' };
/** The first poll is after the end of the test: only an event can wake a job. */
const seldom = { minLockPoll: 60, maxLockPoll: 60 };

const holdersOf = async (platform: TestOrchestrator): Promise<unknown[]> =>
  (await fetchLocks(platform, scope)).flatMap(({ holders }) =>
    holders.map((holder) => (holder.kind === 'job' ? holder.job : holder.person.name)),
  );
const nobodyHas = async () => expect(await listPaths(fixture.storage, locksPrefix)).toEqual([]);
/** Starts jobs one after another, each after the one before has the lock or a position in the queue. */
const startInOrder = async (
  platform: TestOrchestrator,
  count: number,
  lock: object = vm,
): Promise<JobId[]> => {
  const ids: JobId[] = [];
  for (let n = 0; n < count; n += 1) {
    const id = await startWithConditions(platform, { locks: [lock] });
    await waitForJob(platform, id, ({ state, waiting }) => state === 'running' || waiting !== null);
    ids.push(id);
  }
  return ids;
};
const end = async (platform: TestOrchestrator, id: JobId) => {
  await cancel(platform, id);
  await platform.ended(id);
};

test.each(modes)('jobs run one after another, in order of arrival, sessions: %s', async (sessions) => {
  const platform = await openTestOrchestrator(fixture, { sessions, timing: seldom });
  startFakeRelay(fixture, platform);
  const [first, second, third] = (await startInOrder(platform, 3)) as [JobId, JobId, JobId];
  expect(await platform.view(second)).toMatchObject({
    state: 'waiting',
    startedAt: null,
    waiting: { for: 'lock', ...vm, slots: 1, holders: [{ kind: 'job', job: first }], ahead: 0 },
  });
  expect(await platform.view(third)).toMatchObject({ waiting: { holders: [{ job: first }], ahead: 1 } });
  expect((await platform.client.list({ prefix: toBatchPrefix(second) })).instances).toEqual([]);
  expect(await fetchLocks(platform, scope)).toMatchObject([
    { v: 1, ...vm, slots: 1, holders: [{ job: first }], waiting: [{ job: second }, { job: third }] },
  ]);
  expect(await fetchLocks(platform, 'github.com/1')).toEqual([]);

  await end(platform, first);
  await waitForRunning(platform, second);
  expect(await platform.view(third)).toMatchObject({ state: 'waiting' });
  startFakeWorker(fixture);
  expect((await platform.ended(second)).state).toBe('completed');
  expect((await platform.ended(third)).state).toBe('completed');
  await nobodyHas();
});

test('a lock is durable before the work begins', async () => {
  const flushed = Promise.withResolvers<void>();
  const platform = await openTestOrchestrator(fixture, { flush: () => flushed.promise });
  const id = await startWithConditions(platform, { locks: [vm] });
  await waitUntil(async () => (await holdersOf(platform)).length === 1);
  expect(await platform.view(id)).toMatchObject({ state: 'queued', startedAt: null });
  flushed.resolve();
  await waitForRunning(platform, id);
  await end(platform, id);
  await nobodyHas();
});

test('without an event, the next job gets the lock by polling', async () => {
  const platform = await openTestOrchestrator(fixture);
  const [first, second] = (await startInOrder(platform, 2)) as [JobId, JobId];
  await end(platform, first);
  await waitForRunning(platform, second);
  await end(platform, second);
  await nobodyHas();
});

test('as many jobs run at once as there are slots', async () => {
  const platform = await openTestOrchestrator(fixture, { timing: seldom });
  startFakeRelay(fixture, platform);
  const ids = await startInOrder(platform, 4, { ...vm, slots: 2 });
  expect(await holdersOf(platform)).toEqual(ids.slice(0, 2));
  expect(await platform.view(ids[3]!)).toMatchObject({
    state: 'waiting',
    waiting: { slots: 2, ahead: 1, holders: [{ job: ids[0] }, { job: ids[1] }] },
  });
  await end(platform, ids[1]!);
  await waitForRunning(platform, ids[2]!);
  expect(await holdersOf(platform)).toEqual([ids[0], ids[2]]);
  for (const id of ids.toReversed()) await cancel(platform, id);
  await Promise.all(ids.map((id) => platform.ended(id)));
  await nobodyHas();
});

test('many concurrent requests: never more holders than slots, and each request has a position', async () => {
  const platform = await openTestOrchestrator(fixture);
  const ids = await Promise.all(
    Array.from({ length: 12 }, () => startWithConditions(platform, { locks: [{ ...vm, slots: 3 }] })),
  );
  await waitUntil(async () => {
    const [lock] = await fetchLocks(platform, scope);
    return (lock?.holders.length ?? 0) + (lock?.waiting.length ?? 0) === ids.length;
  });
  const [lock] = await fetchLocks(platform, scope);
  expect(lock?.holders).toHaveLength(3);
  const jobs = [...(lock?.holders ?? []), ...(lock?.waiting ?? [])].map((each) => 'job' in each && each.job);
  expect(new Set(jobs)).toEqual(new Set(ids));
  await Promise.all(ids.map((id) => cancel(platform, id)));
  await Promise.all(ids.map((id) => platform.ended(id)));
  await nobodyHas();
});

test('a job that does not wait', async () => {
  const platform = await openTestOrchestrator(fixture);
  const lock = { ...vm, whenTaken: 'refuse' };
  const [first] = (await startInOrder(platform, 1, lock)) as [JobId];
  const second = await startWithConditions(platform, { locks: [{ scope, key: 'free' }, lock] });
  expect(await platform.ended(second)).toMatchObject({
    state: 'failed',
    reason: 'lock-taken',
    message: `The lock vm/web-1 is taken by ${first}`,
    startedAt: null,
  });
  // It released its locks, and is in no queue.
  expect(await fetchLocks(platform, scope)).toMatchObject([
    { ...vm, holders: [{ job: first }], waiting: [] },
  ]);
  await end(platform, first);
  await nobodyHas();
});

test.each(modes)('a canceled job leaves the queue, sessions: %s', async (sessions) => {
  const platform = await openTestOrchestrator(fixture, { sessions, timing: seldom });
  startFakeRelay(fixture, platform);
  const [first, second, third] = (await startInOrder(platform, 3)) as [JobId, JobId, JobId];
  expect((await cancel(platform, second)).status).toBe(202);
  expect(await platform.ended(second)).toMatchObject({
    state: 'canceled',
    reason: 'canceled-by-user',
    endedBy: 'mona',
    startedAt: null,
  });
  await end(platform, first);
  await waitForRunning(platform, third);
  // The wait and the work share one waiter.
  await end(platform, third);
  await nobodyHas();
});

test('the wait for a lock is bounded', async () => {
  const platform = await openTestOrchestrator(fixture, { timing: { minLockPoll: 0.1, maxLockWait: 0.5 } });
  const [first, second] = (await startInOrder(platform, 2)) as [JobId, JobId];
  expect(await platform.ended(second)).toMatchObject({
    state: 'timed-out',
    reason: 'deadline',
    message: 'The lock vm/web-1 did not become free in time',
    startedAt: null,
  });
  expect(await fetchLocks(platform, scope)).toMatchObject([{ holders: [{ job: first }], waiting: [] }]);
  await end(platform, first);
});

test('approval comes before locks, and locks in their order', async () => {
  const platform = await openTestOrchestrator(fixture, { timing: seldom });
  startFakeRelay(fixture, platform);
  const [holder] = (await startInOrder(platform, 1)) as [JobId];
  const locks = [{ scope, key: 'before' }, vm, { scope, key: 'after' }];
  const id = await startWithConditions(platform, { approval, locks });
  await waitForWaiting(platform, id, 'approval');
  expect(await holdersOf(platform)).toEqual([holder]);
  expect(await approve(platform, id, 'lisa')).toMatchObject({ status: 202, body: { missing: 0 } });
  expect(await waitForWaiting(platform, id, 'lock')).toMatchObject({
    waiting: { key: 'vm/web-1' },
    approvals: [{ by: { name: 'lisa' } }],
  });
  expect((await fetchLocks(platform, scope)).map(({ key }) => key)).toEqual(['before', 'vm/web-1']);
  expect(await approve(platform, id, 'lisa')).toMatchObject({ status: 202, body: { missing: 0 } });
  expect((await approve(platform, id, 'hubot')).status).toBe(409);
  await end(platform, holder);
  expect(await waitForRunning(platform, id)).toMatchObject({ approvals: [{ by: { name: 'lisa' } }] });
  expect((await fetchLocks(platform, scope)).map(({ key }) => key)).toEqual(['after', 'before', 'vm/web-1']);
  await end(platform, id);
  await nobodyHas();
});

test('the locks of a terminated and of a purged holder are released', async () => {
  const platform = await openTestOrchestrator(fixture);
  const [first, second, third] = (await startInOrder(platform, 3)) as [JobId, JobId, JobId];
  await platform.runChore('reclaim-locks');
  expect(await holdersOf(platform)).toEqual([first]);
  await platform.client.terminate(first, 'enough');
  await platform.runChore('clean-up-terminated');
  await waitForRunning(platform, second);
  await platform.client.terminate(second, 'enough');
  await platform.client.purge(second);
  await platform.runChore('reclaim-locks');
  await waitForRunning(platform, third);
  await end(platform, third);
  await nobodyHas();
});

test.each(['clean-up-terminated', 'reclaim-locks'])(
  'the next holder of a lock never runs beside the last runner: %s',
  async (chore) => {
    const holders: unknown[] = [];
    const remove = async () => {
      holders.push(await holdersOf(platform));
      return 'gone' as const;
    };
    const platform = await openTestOrchestrator(fixture, { launcher: { ...noLauncher, remove } });
    const [first, second] = (await startInOrder(platform, 2)) as [JobId, JobId];
    await platform.client.terminate(first, 'enough');
    await platform.runChore(chore);
    expect(holders).toEqual([[first]]);
    await waitForRunning(platform, second);
    await end(platform, second);
    await nobodyHas();
  },
);

test.each(modes)('positions survive a restart of the host, sessions: %s', async (sessions) => {
  const file = join(fixture.folder, `locks-${sessions}.db`);
  const before = await openTestOrchestrator(fixture, { sessions, file });
  const [first, second, third] = (await startInOrder(before, 3)) as [JobId, JobId, JobId];
  const locks = await fetchLocks(before, scope);
  await before.close();

  const after = await openTestOrchestrator(fixture, { sessions, file });
  expect(await fetchLocks(after, scope)).toEqual(locks);
  expect(await waitForWaiting(after, third, 'lock')).toMatchObject({ waiting: { ahead: 1 } });
  await end(after, first);
  await waitForRunning(after, second);
  expect(await after.view(third)).toMatchObject({ state: 'waiting' });
  await end(after, second);
  await waitForRunning(after, third);
  await end(after, third);
  await nobodyHas();
});

test('an invalid lock does not count as free', async () => {
  const platform = await openTestOrchestrator(fixture, { timing: { minRetryDelay: 0.001 } });
  const lock = { scope, key: 'broken' };
  await fixture.storage.blobs.put(lockPath(lock.scope, lock.key), 'not JSON');
  const id = await startWithConditions(platform, { locks: [lock] });
  expect(await platform.ended(id)).toMatchObject({ state: 'failed', reason: 'internal', startedAt: null });

  // It does not prevent the release of other locks.
  expect(await fetchLocks(platform, scope)).toEqual([]);
  const holder = await startWithConditions(platform, { locks: [{ scope, key: 'z' }] });
  await waitForRunning(platform, holder);
  await platform.client.terminate(holder, 'enough');
  await platform.client.purge(holder);
  await platform.runChore('reclaim-locks');
  await fixture.storage.blobs.delete([lockPath(lock.scope, lock.key)]);
  await nobodyHas();
});

test('scopes and keys of any length and kind', async () => {
  const platform = await openTestOrchestrator(fixture);
  const lock = { scope: `h/${'#?%/'.repeat(49)}`, key: `${'%/'.repeat(99)}..` };
  const id = await startWithConditions(platform, { locks: [lock] });
  await waitForRunning(platform, id);
  expect(await fetchLocks(platform, lock.scope)).toMatchObject([{ ...lock, holders: [{ job: id }] }]);
  await end(platform, id);
  await nobodyHas();
  const wrong = await platform.call('POST', 'orchestrators/ComputeOrchestrator', {
    jobId: createJobId(),
    inputCount: 1,
    conditions: { locks: [{ scope, key: 'Upper' }] },
  });
  expect(wrong).toMatchObject({ status: 400, body: { error: { field: 'conditions.locks.0.key' } } });
});
