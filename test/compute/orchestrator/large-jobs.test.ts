import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createJobId, toBatchId, toGroupId, type JobId } from '../../../contracts/ids.ts';
import { manifestPath, parametersPath, partialPath, resultPath } from '../../../contracts/blob-paths.ts';
import type { Storage } from '../../../compute/storage/open-storage.ts';
import { eventTypes, type HistoryEvent } from '../../../local/durable-host/durable-host.ts';
import { withInstantOutputs, type InstantOutput } from '../../fixtures/orchestrator/instant-outputs.ts';
import { sumBelow } from '../../fixtures/orchestrator/test-algorithms.ts';
import {
  listPaths,
  openOrchestratorFixture,
  openTestOrchestrator,
  readBlobJson,
  readBlobLines,
  shortTiming,
  startComputeJob,
  waitUntil,
  type OrchestratorFixture,
  type TestOrchestrator,
  type TestOrchestratorOptions,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';

/*
 * Jobs with more batches than one orchestration runs. Their blocks are computed instantly, by storage: the worker is the same for jobs
 * of any size. All with a full replay at each step, as on Azure.
 */

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
});
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

const open = (
  getOutput: (block: number) => InstantOutput,
  options: TestOrchestratorOptions = {},
): Promise<TestOrchestrator> =>
  openTestOrchestrator(fixture, {
    sessions: 'replay',
    storage: withInstantOutputs(options.storage ?? fixture.storage, getOutput),
    ...(options.file === undefined ? {} : { file: options.file }),
    ...(options.sessions === undefined ? {} : { sessions: options.sessions }),
    timing: { ...shortTiming, minRetryDelay: 0.001, ...options.timing },
  });

/** 102 batches: two in the second group. */
const blocks = 10_150;
const toSum = (block: number): InstantOutput => ({ output: block });
const start = (platform: TestOrchestrator, request: Record<string, unknown> = {}): Promise<JobId> =>
  startComputeJob(platform, { inputCount: blocks, blockSize: 1, timeoutSeconds: 600, ...request });

/** Returns the instances of a job that ran children, with the number of all children, and the most that ran at once. */
const countChildren = async (
  { client }: TestOrchestrator,
  job: JobId,
): Promise<Record<string, { all: number; most: number }>> => {
  const { instances } = await client.list({ prefix: `batch-${job.slice(4)}-group-`, top: 100 });
  const counts: Record<string, { all: number; most: number }> = {};
  for (const id of [job, ...instances.map(({ instanceId }) => instanceId)])
    counts[id] = countRunning((await client.history(id)) ?? []);
  return counts;
};

const countRunning = (history: readonly HistoryEvent[]): { all: number; most: number } => {
  let [all, running, most] = [0, 0, 0];
  for (const { EventType } of history) {
    if (EventType === eventTypes.SubOrchestrationInstanceCreated) {
      all += 1;
      running += 1;
      most = Math.max(most, running);
    }
    if (EventType === eventTypes.SubOrchestrationInstanceCompleted) running -= 1;
  }
  return { all, most };
};

test.each(['replay', 'hosted'] as const)(
  'more than 100 batches run in groups: at most 100 children, and 10 at once (%s)',
  async (sessions) => {
    const getOutput = (block: number) => (block === 10_149 ? { error: 'no luck' } : { output: block });
    const platform = await open(getOutput, { sessions });
    const id = await start(platform);
    expect(await platform.ended(id)).toMatchObject({
      state: 'completed-with-failures',
      progress: { done: blocks - 1, failed: 1, total: blocks },
      result: { sum: sumBelow(blocks - 1) },
      failures: [{ block: 10_149, code: 'compute-failed', message: 'no luck' }],
    });
    const manifest = await readBlobLines(fixture.storage, manifestPath(id));
    expect(manifest.map((line) => (line as { block: number }).block)).toEqual([...Array(blocks).keys()]);
    expect(await countChildren(platform, id)).toEqual({
      [id]: { all: 2, most: 1 },
      [toGroupId(id, 0)]: { all: 100, most: 10 },
      [toGroupId(id, 1)]: { all: 2, most: 2 },
    });

    const purging = await openTestOrchestrator(fixture, { retentionDays: 0 });
    await purging.runChore('purge-jobs', platform.client);
    expect((await platform.client.list({ prefix: `batch-${id.slice(4)}` })).instances).toEqual([]);
    expect(await platform.client.status(id)).toBeUndefined();
  },
);

test('a job of 100 batches has no groups, and neither has a larger job of an older version', async () => {
  const platform = await open(toSum);
  const id = await start(platform, { inputCount: 10_000 });
  expect(await platform.ended(id)).toMatchObject({ state: 'completed', result: { sum: sumBelow(10_000) } });
  expect(await countChildren(platform, id)).toEqual({ [id]: { all: 100, most: 10 } });

  const older = createJobId();
  const { revision, ...input } = ((await platform.client.status(id)) as { input: { revision: number } })
    .input;
  expect(revision).toBe(2);
  const request = { timeoutSeconds: 600, inputCount: blocks, blockSize: 1, algorithm: 'sum', origin: {} };
  await platform.client.start('ComputeOrchestrator', older, {
    ...input,
    acceptedAt: new Date().toISOString(),
    request,
  });
  expect(await platform.ended(older)).toMatchObject({
    state: 'completed',
    result: { sum: sumBelow(blocks) },
  });
  expect(await countChildren(platform, older)).toEqual({ [older]: { all: 102, most: 10 } });
});

test('a lost partial of the second group runs only its batch again', async () => {
  const lost = new Set<string>();
  const losing: Storage = { ...fixture.storage, blobs: Object.create(fixture.storage.blobs) };
  losing.blobs.put = async (path, body, type) => {
    if (!path.endsWith('-0101.json') || lost.has(path)) return fixture.storage.blobs.put(path, body, type);
    lost.add(path);
  };
  const platform = await open(toSum, { storage: losing });
  const id = await start(platform);
  expect(await platform.ended(id)).toMatchObject({ state: 'completed', result: { sum: sumBelow(blocks) } });
  expect([...lost]).toEqual([partialPath(id, 101)]);
  expect(await countChildren(platform, id)).toMatchObject({
    [toGroupId(id, 1, 1)]: { all: 1, most: 1 },
  });
  expect(await platform.client.status(toBatchId(id, 101, 1))).toMatchObject({ runtimeStatus: 'Completed' });
  expect(await platform.client.status(toGroupId(id, 0, 1))).toBeUndefined();
});

/** The batches of the second group do not end by themselves. */
const toPendingSum = (block: number): InstantOutput => (block < 10_000 ? { output: block } : 'none');
const hasSecondGroup = (platform: TestOrchestrator, id: JobId): Promise<void> =>
  waitUntil(async () => (await platform.client.status(toBatchId(id, 100)))?.runtimeStatus === 'Running');

test('a cancellation in the second group ends it, and keeps the counts and outputs of the first', async () => {
  const platform = await open(toPendingSum);
  const id = await start(platform);
  await hasSecondGroup(platform, id);
  expect((await platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' })).status).toBe(202);
  const job = await platform.ended(id);
  expect(job).toMatchObject({
    state: 'canceled',
    endedBy: 'mona',
    progress: { done: 10_000, failed: 0, total: blocks },
  });
  expect(Object.keys(job.links ?? {})).toEqual(['manifest', 'outputs']);
  for (const instance of [toGroupId(id, 1), toBatchId(id, 100), toBatchId(id, 101)])
    expect(await platform.client.status(instance)).toMatchObject({ runtimeStatus: 'Completed' });
});

test('a deadline ends a job and its group', async () => {
  const platform = await open(() => 'none');
  const id = await start(platform, { timeoutSeconds: 1 });
  expect(await platform.ended(id)).toMatchObject({
    state: 'timed-out',
    progress: { done: 0, failed: 0, total: blocks },
  });
  expect(await platform.client.status(toGroupId(id, 0))).toMatchObject({ runtimeStatus: 'Completed' });
});

test('a raw terminate ends the group and its batches', async () => {
  const platform = await open(toPendingSum);
  const id = await start(platform);
  await hasSecondGroup(platform, id);
  await platform.client.terminate(id, 'enough');
  expect(await platform.view(id)).toMatchObject({ state: 'canceled', progress: { done: 10_000 } });
  await platform.runChore('clean-up-terminated');
  for (const instance of [toGroupId(id, 1), toBatchId(id, 100), toBatchId(id, 101)])
    await waitUntil(async () => (await platform.client.status(instance))?.runtimeStatus === 'Completed');
  expect(await listPaths(fixture.storage, `input/${id}/`)).toEqual([]);
});

test('a batch of a group that fails ends the job', async () => {
  const platform = await open((block) => (block === 10_005 ? 'throws' : { output: block }));
  const id = await start(platform);
  const job = await platform.ended(id);
  expect(job).toMatchObject({ state: 'failed', reason: 'internal', progress: { total: blocks } });
  expect(job.message).toContain('ComputeGroup');
});

test('a job continues in its second group after a restart of the host', async () => {
  const file = `${fixture.folder}/large.db`;
  const first = await open(toPendingSum, { file });
  const id = await start(first);
  await hasSecondGroup(first, id);
  await first.close();
  const second = await open(toSum, { file });
  expect(await second.ended(id)).toMatchObject({
    state: 'completed',
    progress: { done: blocks, failed: 0, total: blocks },
    result: { sum: sumBelow(blocks) },
  });
  expect(await countChildren(second, id)).toMatchObject({ [id]: { all: 2, most: 1 } });
});

test('large parameters are stored once: no batch carries them, also in a job that retries another', async () => {
  const platform = await open((block) => (block === 120 ? { error: 'no luck' } : { output: block }));
  const filling = 'x'.repeat(5_000);
  const request = { inputCount: 250, parameters: { fail: filling } };
  const failed = await start(platform, request);
  expect(await platform.ended(failed)).toMatchObject({ state: 'completed-with-failures' });
  const id = await start(platform, { ...request, retryOf: failed });
  expect(await platform.ended(id)).toMatchObject({ result: { sum: sumBelow(250) - 120 } });
  for (const job of [failed, id]) {
    expect(await readBlobJson(fixture.storage, parametersPath(job))).toMatchObject(request.parameters);
    const batch = await platform.client.status(toBatchId(job, 1));
    expect(batch?.input).toMatchObject({ job, batch: 1, first: 100, count: 100 });
    expect(JSON.stringify(batch)).not.toContain(filling);
    expect(await readBlobJson(fixture.storage, resultPath(job))).toMatchObject({
      parameters: request.parameters,
    });
  }
});

test('a job with large parameters is canceled like any other', async () => {
  const platform = await open((block) => (block < 20 ? { output: block } : 'none'));
  const id = await start(platform, { inputCount: 50, parameters: { fail: 'x'.repeat(5_000) } });
  await waitUntil(async () => ((await platform.view(id)).progress?.done ?? 0) === 20);
  expect((await platform.call('POST', `jobs/${id}/cancel`)).status).toBe(202);
  expect(await platform.ended(id)).toMatchObject({ state: 'canceled', progress: { done: 20, total: 50 } });
});
