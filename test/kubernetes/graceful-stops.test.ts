import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import type { Comment } from '../../cli/thread/github-client.ts';
import { holdBlocks, type HeldBlocks } from './fixtures/held-blocks.ts';
import { openInstallation, type ChartValues, type Installation } from './fixtures/installation.ts';
import type { Resource } from './fixtures/kubernetes-api.ts';
import { countBlocks, onceEach, readResult, sortCounts, sumOfInputs } from './fixtures/outputs.ts';

/*
 * Workers that are asked to stop finish the blocks that they have in hand. Here, these blocks end only after Kubernetes has asked the
 * worker to stop, so that every stop meets blocks in hand.
 */

let installation: Installation;
let held: HeldBlocks;
let values: ChartValues;
beforeAll(async () => {
  installation = await openInstallation();
  held = await holdBlocks(installation.host);
  values = {
    // No block may start twice only because a busy machine renews its message too late.
    worker: { slots: 2, graceSeconds: 300, visibilitySeconds: 120, programs: held.programs },
    scaling: { queueLength: 2, maxReplicas: 4 },
  };
  await installation.upgrade(values);
  await installation.waitForBot();
});
beforeEach(() => held.hold());
afterAll(async () => {
  await installation.remove();
  await held.close();
});

const blocks = 40;

/** Starts a job, and waits until four workers compute it. */
const startJob = async () => {
  const comment = await installation.write(`/compute ${blocks} blockSize=1 algorithm=exec program=hold`);
  const { id } = await installation.waitForJob(comment);
  await installation.api.waitUntil('blocks in hand of 4 workers', async () => held.list().length === 8);
  await installation.api.waitUntil('4 ready workers', async () => (await listReady()).length === 4);
  return { comment, id };
};

const listReady = async () =>
  (await installation.api.listPods('worker')).filter(({ status }) =>
    status.containerStatuses.every(({ ready }) => ready),
  );

/** Ends the blocks of workers that were asked to stop. */
const releaseStopping = async (): Promise<void> => {
  const stopping = (await installation.api.listPods('worker'))
    .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
    .map(({ status }) => status.podIP);
  held.release(({ from }) => stopping.includes(from));
};

/** Lets the rest of a job end. Its result is right, and each of its blocks was computed once. */
const expectComputedOnce = async (comment: Comment, id: string): Promise<void> => {
  expect((await installation.jobs.get(id))?.state).toBe('running');
  held.releaseAll();
  const outcome = await installation.follow(comment);
  expect(outcome.jobs).toMatchObject([{ id, state: 'completed', progress: { done: blocks, failed: 0 } }]);
  expect(await readResult(outcome)).toMatchObject({ inputs: blocks, sum: sumOfInputs(blocks) });
  const { stored, started } = countBlocks(installation.azurite.requests, id);
  expect(sortCounts(stored)).toEqual(onceEach(blocks));
  expect(sortCounts(started)).toEqual(onceEach(blocks));
};

const getDeployment = async (name: string): Promise<Resource> => {
  const found = await installation.api.get('/apis/apps/v1', 'deployments', name);
  if (!found) throw new Error(`No Deployment ${name}`);
  return found;
};

/** Samples the replicas of the workers' Deployment until it is closed. */
const sampleReplicas = () => {
  const seen: { wanted: number; ready: number }[] = [];
  const closing = new AbortController();
  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const { spec, status } = await getDeployment('coxswain-worker');
      seen.push({ wanted: spec.replicas ?? 0, ready: Number(status['readyReplicas'] ?? 0) });
      await wait(100, undefined, { signal: closing.signal }).catch(() => {});
    }
  };
  const running = run();
  return {
    close: async () => {
      closing.abort();
      await running;
      return seen;
    },
  };
};

test('a rolling upgrade in mid-job computes each block once, and leaves the number of workers to KEDA', async () => {
  const { comment, id } = await startJob();
  const before = await getDeployment('coxswain-worker');
  const old = await installation.api.listPods('worker');

  const samples = sampleReplicas();
  await installation.upgrade({ ...values, logLevel: 'debug' });
  expect((await getDeployment('coxswain-worker')).metadata.generation).toBeGreaterThan(
    before.metadata.generation ?? Infinity,
  );
  await installation.api.waitUntil('only new workers', async () => {
    await releaseStopping();
    const pods = await installation.api.listPods('worker');
    return (
      pods.every(({ metadata }) => old.every((pod) => pod.metadata.uid !== metadata.uid)) &&
      (await listReady()).length === 4
    );
  });
  await installation.waitForBot();
  const seen = await samples.close();
  expect(Math.min(...seen.map(({ wanted }) => wanted))).toBe(4);
  expect(Math.min(...seen.map(({ ready }) => ready))).toBeGreaterThan(0);

  await expectComputedOnce(comment, id);
});

test('a second upgrade with the same values changes nothing', async () => {
  const { api } = installation;
  const read = async () => {
    const objects = await Promise.all([
      api.get('/apis/apps/v1', 'deployments', 'coxswain-worker'),
      api.get('/apis/apps/v1', 'deployments', 'coxswain-bot'),
      api.get('/apis/keda.sh/v1alpha1', 'scaledobjects', 'coxswain-worker'),
      api.get('/apis/keda.sh/v1alpha1', 'triggerauthentications', 'coxswain-worker'),
    ]);
    const bots = await api.listPods('bot');
    return [
      ...objects.map((object) => [object?.metadata.uid, object?.metadata.generation]),
      ...bots.map(({ metadata }) => [metadata.uid]),
    ];
  };
  await installation.waitForWorkers('no workers', (_, all) => all === 0);
  const before = await read();
  expect(before).not.toContainEqual([undefined, undefined]);
  await installation.upgrade({ ...values, logLevel: 'debug' });
  expect(await read()).toEqual(before);
});

test('draining the node of the workers in mid-job computes each block once', async () => {
  const { api, kubectl } = installation;
  const { comment, id } = await startJob();
  const [worker] = await api.listPods('worker');
  const node = worker?.spec.nodeName ?? '';
  const drain = kubectl(
    'drain',
    node,
    '--pod-selector=app.kubernetes.io/name=coxswain',
    '--ignore-daemonsets',
    '--delete-emptydir-data',
    '--timeout=180s',
  );
  try {
    await api.waitUntil('a node without our pods', async () => {
      await releaseStopping();
      return (await api.listPods()).every(({ spec }) => spec.nodeName !== node);
    });
    await drain;
  } finally {
    // With one node, the pods that replace the evicted ones have waited for this.
    await kubectl('uncordon', node);
  }
  await expectComputedOnce(comment, id);
});
