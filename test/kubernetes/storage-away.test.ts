import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Comment } from '../../cli/thread/github-client.ts';
import { generateAccountKey } from '../../local/azurite/azurite.ts';
import { openInstallation, buildSecret, type Installation } from './fixtures/installation.ts';
import { holdBlocks, type HeldBlocks } from './fixtures/held-blocks.ts';
import type { Pod } from './fixtures/kubernetes-api.ts';
import { countBlocks, onceEach, readResult, sortCounts, sumOfInputs } from './fixtures/outputs.ts';

let installation: Installation;
let held: HeldBlocks;
beforeAll(async () => {
  installation = await openInstallation();
  held = await holdBlocks(installation.host);
  await installation.upgrade({
    worker: { slots: 2, programs: held.programs },
    // KEDA 2.21 can take a failing scaler for an idle one, and then stops all workers as soon as the cooldown is over: its scale loop
    // skips a scaler whose cache the metrics server has just closed after an error, and reports neither activity nor error.
    scaling: { queueLength: 2, maxReplicas: 3, pollingIntervalSeconds: 1, cooldownSeconds: 600 },
  });
  await installation.waitForBot();
});
afterAll(async () => {
  await installation.remove();
  await held.close();
});
beforeEach(async () => {
  held.hold();
  // A scale-down after an earlier job must not meet the blocks of the next one. The cooldown keeps the last worker.
  await installation.waitForWorkers('at most one worker', (_, all) => all <= 1);
});

const blocks = 20;

/** Starts a job whose blocks fill three workers and leave others in the queue. */
const startJob = async () => {
  const comment = await installation.write(`/compute ${blocks} blockSize=1 algorithm=exec program=hold`);
  const { id } = await installation.waitForJob(comment);
  const { api } = installation;
  const workers = await api.waitUntil('six blocks in hand of three workers that are ready', async () => {
    const pods = await api.listPods('worker');
    const ready = pods.filter(({ status }) => status.containerStatuses.some((container) => container.ready));
    return held.list().length === 6 && pods.length === 3 && ready.length === 3 && pods;
  });
  return { comment, id, workers };
};

const listIds = (pods: readonly Pod[]): string[] => pods.map(({ metadata }) => metadata.uid).sort();
const sumRestarts = (pods: readonly Pod[]): number =>
  pods.flatMap(({ status }) => status.containerStatuses).reduce((sum, one) => sum + one.restartCount, 0);

const expectRightResult = async (comment: Comment): Promise<void> => {
  const outcome = await installation.follow(comment);
  expect(outcome.jobs).toMatchObject([{ state: 'completed', progress: { done: blocks, failed: 0 } }]);
  expect(await readResult(outcome)).toMatchObject({ sum: sumOfInputs(blocks) });
  const { stored } = countBlocks(installation.azurite.requests, outcome.jobs[0]?.id ?? '');
  expect(sortCounts(stored)).toEqual(onceEach(blocks));
};

test('while storage is away, workers stay alive with their blocks; afterwards the job continues', async () => {
  const { api, azurite } = installation;
  const { comment, workers } = await startJob();
  await azurite.stop();
  // Blocks that end now cannot be stored.
  held.releaseAll();
  for (const worker of workers)
    await api.waitUntil(`${worker.metadata.name} repeats what it could not store`, async () =>
      (await api.readLog(worker)).includes('retrying a storage operation'),
    );
  await api.waitUntil('KEDA reports that it cannot read the queue', async () => {
    const { status } = (await api.get('/apis/keda.sh/v1alpha1', 'scaledobjects', 'coxswain-worker')) ?? {};
    return status?.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'False');
  });
  // The liveness probe asks for this path.
  for (const { metadata } of workers)
    expect(await api.getFromPod(`${metadata.name}:8080`, '/healthz')).toBe(200);
  expect(listIds(await api.listPods('worker'))).toEqual(listIds(workers));
  await azurite.start();

  await expectRightResult(comment);
  expect(sumRestarts(await api.listPods())).toBe(0);
});

test('with the queue full and a scaler that cannot read it, running workers are left alone', async () => {
  const { api, azurite, apply, kubectl } = installation;
  const { comment, workers } = await startJob();
  const [wrongKey] = /AccountKey=[^;]+/.exec(azurite.connectionString) ?? [''];
  const connectionString = azurite.connectionString.replace(wrongKey, `AccountKey=${generateAccountKey()}`);
  await apply(buildSecret('coxswain-wrong', { connectionString }));
  const patch = (kind: string, path: string, value: unknown) =>
    kubectl(
      'patch',
      kind,
      'coxswain-worker',
      '--type=json',
      '--patch',
      JSON.stringify([{ op: 'replace', path, value }]),
    );
  /** KEDA reads credentials again only when the ScaledObject changes, or when a poll fails. */
  const giveKeda = async (secret: string, pollingInterval: number): Promise<void> => {
    await patch('triggerauthentication', '/spec/secretTargetRef/0/name', secret);
    await patch('scaledobject', '/spec/pollingInterval', pollingInterval);
  };
  const countRefused = () =>
    azurite.requests.filter(
      ({ path, query, status }) => path === 'input' && query.includes('comp=metadata') && status === 403,
    ).length;
  await giveKeda('coxswain-wrong', 2);
  // Many more polls than the stabilization window lasts.
  await api.waitUntil('refused polls of KEDA', async () => countRefused() >= 20);
  expect(listIds(await api.listPods('worker'))).toEqual(listIds(workers));
  held.releaseAll();
  await expectRightResult(comment);
  expect(listIds(await api.listPods('worker'))).toEqual(listIds(workers));

  await giveKeda('coxswain-storage', 1);
  await installation.waitForWorkers('one worker, which the cooldown keeps', (_, all) => all === 1);
});
