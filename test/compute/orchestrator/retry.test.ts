import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createJobId, type JobId } from '../../../contracts/ids.ts';
import { outputPath, outputsPath } from '../../../contracts/blob-paths.ts';
import { sumBelow } from '../../fixtures/orchestrator/test-algorithms.ts';
import {
  readBlobJson,
  readBlobLines,
  openOrchestratorFixture,
  openTestOrchestrator,
  startComputeJob,
  waitUntil,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';
import { startFakeRelay, startFakeWorker } from '../../fakes/block-worker.ts';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
});
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

const open = async (): Promise<TestOrchestrator> => {
  const platform = await openTestOrchestrator(fixture);
  startFakeRelay(fixture, platform);
  return platform;
};

/** The output that a worker of `sum` would write. */
const done = (job: JobId, block: number, output: unknown = block) =>
  fixture.storage.blobs.putOnce(
    outputPath(job, block),
    JSON.stringify({ v: 1, job, block, state: 'done', output }),
  );
const failed = (job: JobId, block: number) =>
  fixture.storage.blobs.putOnce(
    outputPath(job, block),
    JSON.stringify({ v: 1, job, block, state: 'failed', error: { code: 'gave-up', message: 'no' } }),
  );

/** Starts a worker that records the blocks it receives. */
const noting = () => {
  const blocks: number[] = [];
  startFakeWorker(fixture, {
    before: (block) => {
      blocks.push(block);
      return 'work';
    },
  });
  return blocks;
};

test('only the failed blocks run again, the others are reused', async () => {
  const platform = await open();
  const earlier = createJobId();
  for (let block = 0; block < 110; block += 1)
    await (block === 3 || block === 104 ? failed(earlier, block) : done(earlier, block));
  await startComputeJob(platform, { jobId: earlier, inputCount: 110 });
  expect(await platform.ended(earlier)).toMatchObject({ progress: { done: 108, failed: 2 } });

  const id = await startComputeJob(platform, { inputCount: 110, retryOf: earlier });
  await waitUntil(async () => (await platform.view(id)).progress?.done === 108);
  const blocks = noting();
  const job = await platform.ended(id);
  expect(job).toMatchObject({ state: 'completed', result: { sum: sumBelow(110) }, retryOf: earlier });
  expect(blocks.toSorted((a, b) => a - b)).toEqual([3, 104]);
  expect(await readBlobJson(fixture.storage, outputPath(id, 7))).toEqual({
    v: 1,
    job: id,
    block: 7,
    state: 'done',
    output: 7,
  });

  const again = await startComputeJob(platform, { inputCount: 110, retryOf: id });
  expect(await platform.ended(again)).toMatchObject({ state: 'completed', result: { sum: sumBelow(110) } });
  expect(blocks).toHaveLength(2);
  expect(await readBlobLines(fixture.storage, outputsPath(again))).toHaveLength(110);
});

test('the existing outputs of a canceled job are reused, and no others', async () => {
  const platform = await open();
  const earlier = createJobId();
  for (const block of [0, 1, 5, 101]) await done(earlier, block);
  await done(earlier, 2, 'none of the algorithm');
  await startComputeJob(platform, { jobId: earlier, inputCount: 103 });
  await platform.call('POST', `jobs/${earlier}/cancel`, { by: 'mona' });
  expect(await platform.ended(earlier)).toMatchObject({ state: 'canceled' });
  const blocks = noting();
  const id = await startComputeJob(platform, { inputCount: 103, retryOf: earlier });
  expect(await platform.ended(id)).toMatchObject({ state: 'completed', result: { sum: sumBelow(103) } });
  const mine = new Set(blocks);
  expect([0, 1, 5, 101].filter((block) => mine.has(block))).toEqual([]);
  expect(mine.has(2)).toBe(true);
});

describe('is refused', () => {
  const request = { algorithm: 'sum', inputCount: 2, parameters: { size: 1 } };
  const start = (platform: TestOrchestrator, body: object) =>
    platform.call('POST', 'orchestrators/ComputeOrchestrator', { ...request, ...body });
  const error = { code: 'retry-mismatch', field: 'retryOf' };

  test('of an unknown job, a running job, or a task', async () => {
    const platform = await open();
    const running = await startComputeJob(platform, request);
    await fixture.storage.blobs.put('tasks/Broken.json', '{');
    const task = createJobId();
    await platform.call('POST', 'tasks', { jobId: task, taskName: 'Broken' });
    await platform.ended(task);
    for (const retryOf of [createJobId(), running, task])
      expect(await start(platform, { retryOf })).toMatchObject({ status: 400, body: { error } });
    await platform.client.terminate(running, 'enough');
    expect(await start(platform, { retryOf: running })).toMatchObject({ status: 202 });
  });

  test('with other work, but not with another notation of a value', async () => {
    const platform = await open();
    const retryOf = await startComputeJob(platform, request);
    await platform.client.terminate(retryOf, 'enough');
    const others = [{ inputCount: 3 }, { algorithm: 'torn' }, { parameters: { size: 2 } }, { blockSize: 2 }];
    for (const other of others)
      expect(await start(platform, { retryOf, ...other })).toMatchObject({ status: 400, body: { error } });
    expect(await start(platform, { retryOf, parameters: { size: '1', fail: '' } })).toMatchObject({
      status: 202,
    });
  });

  test('a known id that was not a retry is another request', async () => {
    const platform = await open();
    const retryOf = await startComputeJob(platform, request);
    await platform.client.terminate(retryOf, 'enough');
    const jobId = await startComputeJob(platform, { ...request, retryOf });
    expect(await start(platform, { jobId, retryOf })).toMatchObject({ status: 200 });
    expect(await start(platform, { jobId })).toMatchObject({ status: 409 });
  });
});
