import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openInstallation, type Installation } from './fixtures/installation.ts';
import { holdBlocks, type HeldBlocks } from './fixtures/held-blocks.ts';
import type { Pod } from './fixtures/kubernetes-api.ts';
import { countBlocks, onceEach, readResult, sortCounts } from './fixtures/outputs.ts';

/*
 * These blocks end when the test lets them, which is after Kubernetes has asked their worker to stop. A scale-down therefore always meets
 * blocks in progress, however fast the machine is.
 */

let installation: Installation;
beforeAll(async () => {
  installation = await openInstallation();
});
afterAll(() => installation.remove());

let held: HeldBlocks;
beforeEach(async () => {
  held = await holdBlocks(installation.host);
});
afterEach(() => held.close());

/** Three workers compute one block each. */
const install = async (worker: object): Promise<void> => {
  const programs = held.programs;
  await installation.upgrade({
    worker: { slots: 1, visibilitySeconds: 60, programs, ...worker },
    scaling: { queueLength: 1, maxReplicas: 3, stabilizationWindowSeconds: 0 },
  });
  await installation.waitForBot();
};

/** Returns the pod that reads the input of a block. */
const findWorker = async (job: string, block: number): Promise<Pod> => {
  const path = `input/${job}/${String(block).padStart(6, '0')}.json`;
  const from = installation.azurite.requests.findLast(
    (request) => request.method === 'GET' && request.path === path,
  )?.from;
  const pod = (await installation.api.listPods('worker')).find(({ status }) => status.podIP === from);
  if (!pod) throw new Error(`No worker has the address ${from}, which read ${path}`);
  return pod;
};

/** Starts three blocks, lets the last one end, and waits until KEDA has stopped the worker that computes the first. */
const scaleDown = async () => {
  const { api, kubectl } = installation;
  const comment = await installation.write('/compute 3 blockSize=1 algorithm=exec program=hold');
  const { id } = await installation.waitForJob(comment);
  await api.waitUntil('three blocks', async () => held.list().length === 3);
  // A pod that is not ready would be removed before all others.
  await api.waitUntil('three workers that are ready', async () => {
    const pods = await api.listPods('worker');
    return pods.filter(({ status }) => status.containerStatuses.some(({ ready }) => ready)).length === 3;
  });
  const victim = await findWorker(id, 0);
  // Which pod a smaller Deployment loses is otherwise up to chance.
  await kubectl('annotate', 'pod', victim.metadata.name, 'controller.kubernetes.io/pod-deletion-cost=-100');
  held.release(({ input }) => input === 2);
  await api.waitUntil('the end of the worker with block 0', async () => {
    const pods = await api.listPods('worker');
    const pod = pods.find(({ metadata }) => metadata.uid === victim.metadata.uid);
    return !pod || pod.metadata.deletionTimestamp !== undefined;
  });
  return { comment, id, victim };
};

test('a scale-down computes no block twice if the grace is long enough', async () => {
  await install({ graceSeconds: 300 });
  const { comment, id, victim } = await scaleDown();
  // The worker is stopping, and its block still runs.
  expect(held.list().map(({ input }) => input)).toEqual([0, 1]);
  held.releaseAll();

  const outcome = await installation.follow(comment);
  expect(outcome.jobs).toMatchObject([{ state: 'completed', progress: { done: 3, failed: 0 } }]);
  expect(await readResult(outcome)).toMatchObject({ sum: 0 + 1 + 2 });
  await installation.waitForWorkers('no workers', (_, all) => all === 0);
  const { started, stored, refused } = countBlocks(installation.azurite.requests, id);
  expect(sortCounts(started)).toEqual(onceEach(3));
  expect(sortCounts(stored)).toEqual(onceEach(3));
  expect(refused).toEqual(new Map());
  expect(victim.status.containerStatuses[0]?.restartCount).toBe(0);
});

test('a scale-down with too short a grace returns the block, and another worker computes it', async () => {
  await install({ graceSeconds: 1 });
  const { comment, id, victim } = await scaleDown();
  await installation.api.waitUntil(
    'a second start of block 0',
    async () => countBlocks(installation.azurite.requests, id).started.get(0) === 2,
  );
  expect((await findWorker(id, 0)).metadata.uid).not.toBe(victim.metadata.uid);
  held.releaseAll();

  const outcome = await installation.follow(comment);
  expect(outcome.jobs).toMatchObject([{ state: 'completed', progress: { done: 3, failed: 0 } }]);
  expect(await readResult(outcome)).toMatchObject({ sum: 0 + 1 + 2 });
  const { started, stored } = countBlocks(installation.azurite.requests, id);
  expect(sortCounts(started)).toEqual(
    new Map([
      [0, 2],
      [1, 1],
      [2, 1],
    ]),
  );
  expect(sortCounts(stored)).toEqual(onceEach(3));
});
