import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createBuiltInAlgorithms } from '../../../compute/algorithms/built-in.ts';
import {
  listPaths,
  openOrchestratorFixture,
  openTestOrchestrator,
  startComputeJob,
  waitUntil,
  type OrchestratorFixture,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';
import { startRealWorker, startFakeRelay } from '../../fakes/block-worker.ts';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
});
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

const algorithms = createBuiltInAlgorithms();

const work = (): void => startRealWorker(fixture, algorithms);

test.each(['live', 'replay', 'hosted'] as const)(
  'the same request has the same result, sessions: %s',
  async (sessions) => {
    const platform = await openTestOrchestrator(fixture, {
      algorithms,
      sessions,
      timing: { minBatchPoll: 15 },
    });
    work();
    startFakeRelay(fixture, platform);
    const request = { algorithm: 'monte-carlo-pi', inputCount: 50 };
    const [one, two] = await Promise.all([
      startComputeJob(platform, request),
      startComputeJob(platform, request),
    ]);
    const first = await platform.ended(one);
    const second = await platform.ended(two);
    expect(first).toMatchObject({ state: 'completed', progress: { done: 50, failed: 0, total: 50 } });
    expect(second.result).toEqual(first.result);
    expect(await listPaths(fixture.storage, `input/${one}/`)).toEqual([]);
    await waitUntil(async () => (await fixture.storage.input.length()) === 0);
  },
);

test('a cancel empties the queue', async () => {
  const platform = await openTestOrchestrator(fixture, { algorithms });
  const id = await startComputeJob(platform, { algorithm: 'monte-carlo-pi', inputCount: 120 });
  await waitUntil(async () => (await fixture.storage.input.length()) > 40);
  await platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' });
  work();
  expect(await platform.ended(id)).toMatchObject({ state: 'canceled', endedBy: 'mona' });
  await waitUntil(async () => (await fixture.storage.input.length()) === 0);
});
