import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { toBatchId, createJobId } from '../../../contracts/ids.ts';
import {
  inputPath,
  manifestPath,
  outputPath,
  outputsPath,
  partialPath,
  resultPath,
} from '../../../contracts/blob-paths.ts';
import type { Storage } from '../../../compute/storage/open-storage.ts';
import { sumBelow } from '../../fixtures/orchestrator/test-algorithms.ts';
import {
  readBlobJson,
  readBlobLines,
  listPaths,
  openOrchestratorFixture,
  openTestOrchestrator,
  shortTiming,
  startComputeJob,
  waitUntil,
  type OrchestratorFixture,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';
import { startFakeRelay, startFakeWorker } from '../../fakes/block-worker.ts';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
});
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

const atWork = async (options: Parameters<typeof openTestOrchestrator>[1] = {}) => {
  const platform = await openTestOrchestrator(fixture, options);
  startFakeWorker(fixture);
  startFakeRelay(fixture, platform);
  return platform;
};

test('some blocks failed: the others count, and ten of the failures are listed', async () => {
  const platform = await atWork();
  const fail = Array.from({ length: 12 }, (_, n) => n * 2);
  const id = await startComputeJob(platform, { inputCount: 25, parameters: { fail: fail.join(',') } });
  const job = await platform.ended(id);
  expect(job).toMatchObject({
    state: 'completed-with-failures',
    reason: 'blocks-failed',
    message: '12 of 25 blocks failed',
    progress: { done: 13, failed: 12, total: 25 },
    result: { sum: sumBelow(25) - 132 },
  });
  expect(job.failures).toHaveLength(10);
  expect(job.failures[1]).toEqual({ block: 2, code: 'compute-failed', message: 'no 2' });
  expect(await listPaths(fixture.storage, `input/${id}/`)).toEqual(fail.map((block) => inputPath(id, block)));
});

test('all blocks failed: the result is null', async () => {
  const platform = await atWork();
  const id = await startComputeJob(platform, { inputCount: 5, parameters: { fail: 'all' } });
  expect(await platform.ended(id)).toMatchObject({
    state: 'failed',
    reason: 'all-blocks-failed',
    progress: { done: 0, failed: 5, total: 5 },
    result: null,
  });
  expect(await readBlobJson(fixture.storage, resultPath(id))).toMatchObject({
    result: null,
    blocks: { failed: 5 },
  });
});

test.each([
  ['finish', { algorithm: 'sum', parameters: { breaks: 'finish' } }, 'cannot finish'],
  ['combine', { algorithm: 'torn' }, 'cannot combine'],
])('%s throws: the outputs are there, but no result', async (_what, request, message) => {
  const platform = await atWork();
  const id = await startComputeJob(platform, { inputCount: 3, ...request });
  const job = await platform.ended(id);
  expect(job).toMatchObject({ state: 'failed', reason: 'reduce-failed', message, progress: { done: 3 } });
  expect(Object.keys(job.links ?? {})).toEqual(['manifest', 'outputs']);
  expect(await readBlobLines(fixture.storage, outputsPath(id))).toHaveLength(3);
  expect(await fixture.storage.blobs.exists(resultPath(id))).toBe(false);
});

test('combine throws only when batches are joined', async () => {
  const platform = await atWork();
  const id = await startComputeJob(platform, { algorithm: 'torn', inputCount: 1 });
  expect(await platform.ended(id)).toMatchObject({ state: 'completed', result: { sum: 0 } });
});

test('a result that is too large for a status is only in its blob', async () => {
  const platform = await atWork();
  const id = await startComputeJob(platform, { inputCount: 2, parameters: { size: 20_000 } });
  expect(await platform.ended(id)).toMatchObject({ state: 'completed', result: null });
  expect(await readBlobJson(fixture.storage, resultPath(id))).toMatchObject({ result: { sum: 1 } });
});

test('an output that the algorithm does not produce fails only its block', async () => {
  const platform = await openTestOrchestrator(fixture);
  const id = await startComputeJob(platform, { inputCount: 2 });
  const verdict = { v: 1, job: id, block: 0, state: 'done', output: 'x' };
  await fixture.storage.blobs.putOnce(outputPath(id, 0), JSON.stringify(verdict));
  const told = { v: 1, job: id, block: 1, state: 'done', output: 41 };
  await fixture.storage.blobs.putOnce(outputPath(id, 1), JSON.stringify(told));
  const job = await platform.ended(id);
  expect(job).toMatchObject({
    state: 'completed-with-failures',
    progress: { done: 1, failed: 1, total: 2 },
    result: { sum: 41 },
    failures: [{ block: 0, code: 'output-invalid', message: expect.stringContaining('expected a number') }],
  });
});

test('an invalid verdict is a failed block', async () => {
  const platform = await openTestOrchestrator(fixture);
  const id = await startComputeJob(platform, { inputCount: 2 });
  await fixture.storage.blobs.putOnce(outputPath(id, 0), 'not JSON');
  await fixture.storage.blobs.putOnce(
    outputPath(id, 1),
    JSON.stringify({ v: 1, job: id, block: 0, state: 'done', output: 1 }),
  );
  const job = await platform.ended(id);
  expect(job).toMatchObject({ state: 'failed', reason: 'all-blocks-failed' });
  expect(job.failures.map(({ code }) => code)).toEqual(['output-invalid', 'output-invalid']);
  expect(await readBlobLines(fixture.storage, outputsPath(id))).toMatchObject([
    { block: 0, state: 'failed' },
    { block: 1, state: 'failed' },
  ]);
});

test('outputs that storage loses are computed again', async () => {
  const platform = await openTestOrchestrator(fixture);
  const lost = new Set<number>();
  startFakeWorker(fixture, {
    before: async (block) => {
      // One of the last blocks deletes the outputs of some blocks that were reported as done.
      if (block === 55 && lost.size === 0) {
        await waitUntil(async () => ((await platform.view(id)).progress?.done ?? 0) > 20);
        const some = (await listPaths(fixture.storage, `output/${id}/`)).slice(3, 9);
        some.forEach((path) => lost.add(Number(path.slice(-11, -5))));
        await fixture.storage.blobs.delete(some as never);
      }
      return 'work' as const;
    },
  });
  startFakeRelay(fixture, platform);
  const id = await startComputeJob(platform, { inputCount: 60 });
  expect(await platform.ended(id)).toMatchObject({ state: 'completed', result: { sum: sumBelow(60) } });
  expect(lost.size).toBe(6);
});

test('a lost or invalid partial is computed again', async () => {
  let flushes = 0;
  const broken: Storage = {
    ...fixture.storage,
    blobs: Object.create(fixture.storage.blobs) as Storage['blobs'],
  };
  const lost = new Set<string>();
  broken.blobs.put = async (path, body, type) => {
    const first = path.startsWith('partial/') && path.endsWith('.json') && !lost.has(path);
    if (first) lost.add(path);
    if (first && path.endsWith('0000.json')) return;
    await fixture.storage.blobs.put(path, first ? '{"v":1' : body, type);
  };
  const platform = await atWork({
    storage: broken,
    flush: async () => {
      flushes += 1;
    },
  });
  const id = await startComputeJob(platform, { inputCount: 110 });
  expect(await platform.ended(id)).toMatchObject({
    state: 'completed',
    progress: { done: 110, failed: 0, total: 110 },
    result: { sum: sumBelow(110) },
  });
  expect(lost.size).toBe(2);
  expect(flushes).toBe(1);
  expect(await platform.client.status(toBatchId(id, 1, 1))).toMatchObject({ runtimeStatus: 'Completed' });
  expect(await readBlobJson(fixture.storage, partialPath(id, 1))).toMatchObject({ done: 10, failed: 0 });
});

test('a deadline ends a job as timed-out', async () => {
  const platform = await openTestOrchestrator(fixture);
  const jobId = createJobId();
  // They exist before the job, so that the count does not depend on timing.
  for (const block of [0, 1, 2])
    await fixture.storage.blobs.putOnce(
      outputPath(jobId, block),
      JSON.stringify({ v: 1, job: jobId, block, state: 'done', output: block }),
    );
  const id = await startComputeJob(platform, { jobId, inputCount: 110, timeoutSeconds: 1 });
  expect(await platform.ended(id)).toMatchObject({
    state: 'timed-out',
    reason: 'deadline',
    endedBy: null,
    progress: { done: 3, failed: 0, total: 110 },
  });
  expect(await platform.client.status(toBatchId(id, 1))).toMatchObject({ runtimeStatus: 'Completed' });
});

test('a raw terminate shows as canceled, and its batches end', async () => {
  const platform = await openTestOrchestrator(fixture);
  const id = await startComputeJob(platform, { inputCount: 4, timeoutSeconds: 60 });
  await waitUntil(async () => (await platform.client.status(toBatchId(id, 0)))?.runtimeStatus === 'Running');
  await platform.client.terminate(id, 'enough');
  expect(await platform.view(id)).toMatchObject({
    state: 'canceled',
    reason: 'terminated',
    message: 'enough',
    progress: { done: 0, failed: 0, total: 4 },
  });
  await platform.runChore('clean-up-terminated');
  await waitUntil(
    async () => (await platform.client.status(toBatchId(id, 0)))?.runtimeStatus === 'Completed',
  );
  expect(await listPaths(fixture.storage, `input/${id}/`)).toEqual([]);
});

test('a permanent error ends the job', async () => {
  const platform = await openTestOrchestrator(fixture, { timing: { ...shortTiming, minRetryDelay: 0.001 } });
  const id = await startComputeJob(platform, { algorithm: 'faulty', inputCount: 2 });
  const job = await platform.ended(id);
  expect(job).toMatchObject({ state: 'failed', reason: 'internal' });
  expect(job.message).toContain('ComputeBatch');
});

test('an instance with an invalid input, started past our API, is not a job', async () => {
  const platform = await openTestOrchestrator(fixture);
  const id = createJobId();
  await platform.client.start('ComputeOrchestrator', id, { kind: 'compute' });
  await waitUntil(async () => (await platform.client.status(id))?.runtimeStatus === 'Failed');
  expect((await platform.call('GET', `jobs/${id}`)).status).toBe(404);
  expect((await platform.call('GET', 'jobs')).body.jobs.map((job) => job.id)).not.toContain(id);
});

test('jobs are purged after the retention, with batches and blobs', async () => {
  const platform = await atWork({ retentionDays: 0 });
  const id = await startComputeJob(platform, { inputCount: 3 });
  const other = await startComputeJob(platform, { inputCount: 3, timeoutSeconds: 60 });
  await platform.ended(id);
  await platform.ended(other);
  const keep = await openTestOrchestrator(fixture);
  await keep.runChore('purge-jobs', platform.client);
  expect(await platform.view(id)).toMatchObject({ state: 'completed' });
  expect(await fixture.storage.blobs.exists(manifestPath(id))).toBe(true);
  await platform.runChore('purge-jobs');
  expect((await platform.call('GET', `jobs/${id}`)).status).toBe(404);
  expect(await platform.client.status(toBatchId(id, 0))).toBeUndefined();
  for (const container of ['input', 'output', 'partial', 'result', 'control'] as const)
    expect(await listPaths(fixture.storage, `${container}/${id}/`)).toEqual([]);
});
