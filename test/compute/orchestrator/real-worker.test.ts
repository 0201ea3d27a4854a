import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { builtInAlgorithms } from '../../../compute/algorithms/built-in.ts';
import {
  namesUnder,
  openGround,
  openPlatform,
  startJob,
  until,
  type Ground,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';
import { startRealWorker, startRelay } from '../../fakes/block-worker.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
});
afterEach(() => ground.settle());
afterAll(() => ground.close());

const algorithms = builtInAlgorithms();

const work = (): void => startRealWorker(ground, algorithms);

test.each(['live', 'replay'] as const)(
  'the same request has the same result, sessions: %s',
  async (sessions) => {
    const platform = await openPlatform(ground, { algorithms, sessions, timing: { firstRound: 15 } });
    work();
    startRelay(ground, platform);
    const request = { algorithm: 'monte-carlo-pi', inputCount: 50 };
    const [one, two] = await Promise.all([startJob(platform, request), startJob(platform, request)]);
    const first = await platform.ended(one);
    const second = await platform.ended(two);
    expect(first).toMatchObject({ state: 'completed', progress: { done: 50, failed: 0, total: 50 } });
    expect(second.result).toEqual(first.result);
    expect(await namesUnder(ground.storage, `input/${one}/`)).toEqual([]);
    await until(async () => (await ground.storage.input.length()) === 0);
  },
);

test('a cancel empties the queue', async () => {
  const platform = await openPlatform(ground, { algorithms });
  const id = await startJob(platform, { algorithm: 'monte-carlo-pi', inputCount: 120 });
  await until(async () => (await ground.storage.input.length()) > 40);
  await platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' });
  work();
  expect(await platform.ended(id)).toMatchObject({ state: 'canceled', endedBy: 'mona' });
  await until(async () => (await ground.storage.input.length()) === 0);
});
