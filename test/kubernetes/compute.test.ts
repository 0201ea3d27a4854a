import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verifyOutputs } from '../../cli/demo/verify-outputs.ts';
import { holdBlocks, type HeldBlocks } from './fixtures/held-blocks.ts';
import { openInstallation, type Installation } from './fixtures/installation.ts';
import { listPodProcesses, readProcessFacts } from './fixtures/node-processes.ts';
import { computeLocally, countBlocks, onceEach, readResult, sortCounts } from './fixtures/outputs.ts';
import { recordScaling } from './fixtures/scaling-record.ts';

let installation: Installation;
let held: HeldBlocks;
beforeAll(async () => {
  installation = await openInstallation();
  held = await holdBlocks(installation.host);
  await installation.upgrade({ worker: { programs: held.programs } });
  await installation.waitForBot();
});
afterAll(async () => {
  await installation.remove();
  await held.close();
});

test('/compute 2000 blockSize=1 scales the workers from 0 to several and back to 0, and stores each output once', async () => {
  const { api, storage, azurite } = installation;
  // Kubernetes starts a new Deployment with one pod, until KEDA scales it.
  await installation.waitForWorkers('no workers before the job', (_, all) => all === 0);

  const record = recordScaling(api, () => storage.input.length(), 'scaling');
  const comment = await installation.write('/compute 2000 blockSize=1');
  const outcome = await installation.follow(comment);
  await installation.waitForWorkers('no workers after the job', (_, all) => all === 0);
  await record.close();

  expect(outcome.jobs).toMatchObject([
    { state: 'completed', progress: { done: 2000, failed: 0, total: 2000 } },
  ]);
  await verifyOutputs(outcome, 2000);
  expect(await readResult(outcome)).toEqual(await computeLocally(2000));
  const { stored } = countBlocks(azurite.requests, outcome.jobs[0]?.id ?? '');
  expect(sortCounts(stored)).toEqual(onceEach(2000));
  const counts = record.samples.map(({ pods }) => pods.pending + pods.running);
  expect(counts[0]).toBe(0);
  expect(Math.max(...counts)).toBeGreaterThan(1);
  expect(counts.at(-1)).toBe(0);
});

test('the processes of worker and bot run under the declared security contexts', async () => {
  const { api } = installation;
  const comment = await installation.write('/compute 1 algorithm=exec program=hold');
  await api.waitUntil('a program of a worker', async () => held.list().length === 1);
  for (const component of ['worker', 'bot']) {
    const [pod] = await api.listPods(component);
    const pids = pod ? await listPodProcesses(pod) : [];
    // The worker's program is a process of its own.
    expect(pids.length).toBeGreaterThanOrEqual(component === 'worker' ? 2 : 1);
    for (const pid of pids) {
      const { status, mounts } = await readProcessFacts(pid);
      const read = (names: readonly string[]) => names.map((name) => status.get(name));
      expect(read(['Uid', 'Gid'])).toEqual(['65532 65532 65532 65532', '65532 65532 65532 65532']);
      const noCapabilities = '0000000000000000';
      expect(read(['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])).toEqual(Array(5).fill(noCapabilities));
      expect(read(['NoNewPrivs', 'Seccomp'])).toEqual(['1', '2']);
      expect(mounts.find(({ at }) => at === '/')?.options).toContain('ro');
    }
  }
  held.releaseAll();
  expect((await installation.follow(comment)).jobs).toMatchObject([{ state: 'completed' }]);
});
