import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { manifestPath, outputsPath, resultPath } from '../../../contracts/blob-paths.ts';
import { sumBelow } from '../../fixtures/orchestrator/test-algorithms.ts';
import {
  readBlobJson,
  readBlobLines,
  listPaths,
  openOrchestratorFixture,
  openTestOrchestrator,
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

describe.each(['live', 'replay', 'hosted'] as const)('a compute job, sessions: %s', (sessions) => {
  test('produces its result, with each block once', async () => {
    const platform = await openTestOrchestrator(fixture, { sessions });
    startFakeWorker(fixture);
    startFakeRelay(fixture, platform);
    const id = await startComputeJob(platform, { inputCount: 110, origin: { sender: 'mona' } });
    const job = await platform.ended(id);
    expect(job).toMatchObject({
      state: 'completed',
      reason: null,
      progress: { done: 110, failed: 0, total: 110, workers: null },
      result: { sum: sumBelow(110) },
      origin: { sender: 'mona' },
      failures: [],
      endedBy: null,
    });
    expect(await readBlobJson(fixture.storage, resultPath(id))).toEqual({
      v: 1,
      job: id,
      kind: 'compute',
      algorithm: 'sum',
      parameters: { fail: '', breaks: 'nothing', size: 0 },
      blocks: { done: 110, failed: 0, total: 110 },
      inputs: { total: 110 },
      result: { sum: sumBelow(110) },
    });
    const manifest = (await readBlobLines(fixture.storage, manifestPath(id))) as Record<string, unknown>[];
    expect(manifest.map(({ block }) => block)).toEqual(Array.from({ length: 110 }, (_, n) => n));
    const bytes = await fixture.storage.blobs.get(`output/${id}/000103.json`);
    expect(manifest[103]).toEqual({
      block: 103,
      state: 'done',
      path: `output/${id}/000103.json`,
      bytes: bytes?.length,
      sha256: createHash('sha256')
        .update(bytes ?? '')
        .digest('hex'),
    });
    expect(await readBlobLines(fixture.storage, outputsPath(id))).toHaveLength(110);
    expect(await listPaths(fixture.storage, `input/${id}/`)).toEqual([]);
    for (const link of Object.values(job.links ?? {}))
      expect((await fetch(link?.url ?? '')).status).toBe(200);
    expect(Object.keys(job.links ?? {})).toEqual(['result', 'manifest', 'outputs']);
  });

  test('needs no event', async () => {
    const platform = await openTestOrchestrator(fixture, { sessions });
    startFakeWorker(fixture);
    const id = await startComputeJob(platform, { inputCount: 30 });
    expect(await platform.ended(id)).toMatchObject({ state: 'completed', result: { sum: sumBelow(30) } });
  });

  test('tolerates repeated and reordered events', async () => {
    const platform = await openTestOrchestrator(fixture, { sessions });
    startFakeWorker(fixture);
    startFakeRelay(fixture, platform, (events) => [...events.toReversed(), ...events, ...events]);
    const id = await startComputeJob(platform, { inputCount: 525, blockSize: 5 });
    expect(await platform.ended(id)).toMatchObject({
      state: 'completed',
      progress: { done: 105, failed: 0, total: 105 },
      result: { sum: sumBelow(525) },
    });
  });

  test('puts lost inputs and messages again', async () => {
    const platform = await openTestOrchestrator(fixture, { sessions });
    const dropped = new Set<number>();
    startFakeWorker(fixture, {
      before: (block) => {
        if (block % 10 !== 3 || dropped.has(block)) return 'work';
        dropped.add(block);
        return 'drop';
      },
    });
    startFakeRelay(fixture, platform);
    const id = await startComputeJob(platform, { inputCount: 60 });
    expect(await platform.ended(id)).toMatchObject({ state: 'completed', result: { sum: sumBelow(60) } });
    expect(dropped.size).toBe(6);
  });

  test('continues after a restart of its host', async () => {
    const file = `${fixture.folder}/restart-${sessions}.db`;
    const first = await openTestOrchestrator(fixture, { sessions, file });
    const id = await startComputeJob(first, { inputCount: 40 });
    let worked = 0;
    const half = startFakeWorker(fixture, { before: () => ((worked += 1) > 15 ? 'drop' : 'work') });
    await waitUntil(() => worked > 20);
    await half.stop();
    await first.close();

    const second = await openTestOrchestrator(fixture, { sessions, file });
    startFakeWorker(fixture);
    expect(await second.ended(id)).toMatchObject({ state: 'completed', result: { sum: sumBelow(40) } });
  });

  test('is canceled before any block has ended, and links to nothing', async () => {
    const platform = await openTestOrchestrator(fixture, { sessions });
    startFakeWorker(fixture, { before: () => 'drop' });
    const id = await startComputeJob(platform, { inputCount: 10 });
    await waitUntil(async () => (await platform.view(id)).state === 'running');
    expect((await platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' })).status).toBe(202);
    expect(await platform.ended(id)).toMatchObject({ state: 'canceled', links: null });
  });

  test('is canceled, and shows by whom, its counts and its partial outputs', async () => {
    const platform = await openTestOrchestrator(fixture, { sessions });
    startFakeWorker(fixture, { before: (block) => (block < 40 ? 'work' : 'drop') });
    startFakeRelay(fixture, platform);
    const id = await startComputeJob(platform, { inputCount: 205, blockSize: 1, parameters: { fail: '7' } });
    await waitUntil(async () => ((await platform.view(id)).progress?.done ?? 0) >= 40);
    expect((await platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' })).status).toBe(202);
    const job = await platform.ended(id);
    expect(job).toMatchObject({
      state: 'canceled',
      reason: 'canceled-by-user',
      endedBy: 'mona',
      progress: { done: 39, failed: 1, total: 205 },
      result: null,
    });
    // It has no result, but the outputs of the blocks that ended.
    expect(Object.keys(job.links ?? {})).toEqual(['manifest', 'outputs']);
    for (const path of [manifestPath(id), outputsPath(id)])
      expect(
        (await readBlobLines(fixture.storage, path)).map((line) => (line as { block: number }).block),
      ).toEqual(Array.from({ length: 40 }, (_, block) => block));
    expect((await platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' })).status).toBe(410);
    await waitUntil(async () => (await fixture.storage.input.length()) === 0);
  });
});
