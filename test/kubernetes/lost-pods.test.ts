import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Comment } from '../../cli/thread/github-client.ts';
import { holdBlocks, type HeldBlocks } from './fixtures/held-blocks.ts';
import { openInstallation, type Installation } from './fixtures/installation.ts';
import type { Pod } from './fixtures/kubernetes-api.ts';
import { listPodProcesses } from './fixtures/node-processes.ts';
import { countBlocks, onceEach, readResult, sortCounts, sumOfInputs } from './fixtures/outputs.ts';

let installation: Installation;
let held: HeldBlocks;
beforeAll(async () => {
  installation = await openInstallation();
  held = await holdBlocks(installation.host);
  await installation.upgrade({
    worker: { slots: 2, graceSeconds: 1, programs: held.programs },
    scaling: { queueLength: 2, maxReplicas: 4 },
  });
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
  return { comment, id };
};

const listRunning = async (component: string): Promise<Pod[]> =>
  (await installation.api.listPods(component)).filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined && status.containerStatuses.some(({ ready }) => ready),
  );

/** Returns a pod that is ready, and not one of those that were chosen before. */
const choosePod = (component: string, ...before: readonly Pod[]): Promise<Pod> =>
  installation.api.waitUntil(`another ${component} that is ready`, async () =>
    (await listRunning(component)).find(({ metadata }) =>
      before.every((pod) => pod.metadata.uid !== metadata.uid),
    ),
  );

/** Returns the inputs of the blocks that a pod computes. */
const listInputs = ({ status }: Pod): number[] =>
  held.list().flatMap(({ input, from }) => (from === status.podIP ? [input] : []));

const getRestarts = ({ status }: Pod): number => status.containerStatuses[0]?.restartCount ?? 0;

/** Kills a process, unless it has ended with another one. */
const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** Kills the processes of a pod's container as the kernel does when memory runs out, and waits until the kubelet has restarted it. */
const killProcesses = async (pod: Pod): Promise<void> => {
  const pids = await listPodProcesses(pod);
  if (pids.length === 0) throw new Error(`The processes of ${pod.metadata.name} are not on this machine`);
  for (const pid of pids) kill(pid);
  await installation.api.waitUntil(`a restart of ${pod.metadata.name}`, async () =>
    (await installation.api.listPods()).some(
      (now) => now.metadata.uid === pod.metadata.uid && getRestarts(now) > getRestarts(pod),
    ),
  );
};

/** Lets the rest of a job end, and checks the result that the reply links to. */
const expectRightResult = async (comment: Comment, id: string): Promise<void> => {
  expect((await installation.jobs.get(id))?.state).toBe('running');
  held.releaseAll();
  const outcome = await installation.follow(comment);
  expect(outcome.jobs).toMatchObject([{ id, state: 'completed', progress: { done: blocks, failed: 0 } }]);
  expect(await readResult(outcome)).toMatchObject({ inputs: blocks, sum: sumOfInputs(blocks) });
  const { stored } = countBlocks(installation.azurite.requests, id);
  expect(sortCounts(stored)).toEqual(onceEach(blocks));
};

test('blocks of workers that are killed by SIGKILL, deleted without grace, and evicted are computed again', async () => {
  const { api, kubectl } = installation;
  const { comment, id } = await startJob();

  const killed = await choosePod('worker');
  const deleted = await choosePod('worker', killed);
  const evicted = await choosePod('worker', killed, deleted);
  const lost = [killed, deleted, evicted].flatMap(listInputs);
  expect(lost).toHaveLength(6);
  await killProcesses(killed);
  await kubectl('delete', 'pod', deleted.metadata.name, '--grace-period=0', '--force');
  const { name } = evicted.metadata;
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } };
  expect(await api.post(`pods/${name}/eviction`, eviction)).toBe(201);
  await api.waitUntil('the end of the evicted worker', async () =>
    (await api.listPods('worker')).every(({ metadata }) => metadata.uid !== evicted.metadata.uid),
  );

  await expectRightResult(comment, id);
  const { started } = countBlocks(installation.azurite.requests, id);
  expect(lost.filter((block) => (started.get(block) ?? 0) < 2)).toEqual([]);
});

test('a bot that is killed in mid-job finishes the reply after its restart', async () => {
  const { comment, id } = await startJob();
  await killProcesses(await choosePod('bot'));
  await expectRightResult(comment, id);
});
