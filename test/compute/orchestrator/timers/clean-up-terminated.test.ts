import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { cleanedUpPrefix } from '../../../../contracts/blob-paths.ts';
import { createJobId, type JobId } from '../../../../contracts/ids.ts';
import type { Blobs } from '../../../../compute/storage/port.ts';
import {
  listPaths,
  noLauncher,
  openOrchestratorFixture,
  openTestOrchestrator,
  startComputeJob,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../../fixtures/orchestrator/orchestrator-fixture.ts';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
});
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

/** Counts the operations on storage by name. */
const countOperations = (blobs: Blobs) => {
  const counts: Record<string, number> = {};
  const counting = new Proxy(blobs, {
    get: (target, name: keyof Blobs) => {
      counts[name] = (counts[name] ?? 0) + 1;
      return target[name];
    },
  });
  return { counts, blobs: counting };
};

/** Opens the app in a process of its own. `removed`: the jobs whose runners it removed. */
const openProcess = async (remove: (job: JobId) => Promise<void | 'later'> = async () => {}) => {
  const removed: JobId[] = [];
  const launcher = {
    ...noLauncher,
    remove: async (job: JobId) => {
      removed.push(job);
      return (await remove(job)) ?? ('gone' as const);
    },
  };
  const { counts, blobs } = countOperations(fixture.storage.blobs);
  const platform = await openTestOrchestrator(fixture, {
    launcher,
    storage: { ...fixture.storage, blobs },
  });
  const cleanUp = async ({ client } = platform) => {
    for (const name of Object.keys(counts)) delete counts[name];
    await platform.runChore('clean-up-terminated', client);
    return { ...counts };
  };
  return { platform, removed, cleanUp };
};

const startAndTerminate = async (
  platform: TestOrchestrator,
  jobId: JobId = createJobId(),
): Promise<JobId> => {
  const id = await startComputeJob(platform, { jobId, inputCount: 1 });
  await platform.client.terminate(id, 'enough');
  return id;
};

const listMarked = async (): Promise<string[]> =>
  (await listPaths(fixture.storage, cleanedUpPrefix)).map((path) => path.slice(cleanedUpPrefix.length, -14));

test('a later process lists what was cleaned up, and repeats nothing', async () => {
  const first = await openProcess();
  const ids: JobId[] = [];
  for (let n = 0; n < 20; n += 1) ids.push(await startAndTerminate(first.platform));
  await first.cleanUp();
  expect(first.removed.toSorted()).toEqual(ids.toSorted());

  // A new process has the same storage and the same instances.
  const second = await openProcess();
  expect(Object.keys(await second.cleanUp(first.platform))).toEqual(['list']);
  expect(second.removed).toEqual([]);
});

test('a clean-up that fails is retried, and does not delay others', async () => {
  let failing: JobId | undefined;
  const { platform, removed, cleanUp } = await openProcess(async (job) => {
    if (job === failing) throw new Error('the launcher is away');
  });
  const [bad, good] = [await startAndTerminate(platform), await startAndTerminate(platform)];
  failing = bad;
  await expect(cleanUp()).rejects.toThrow('Could not clean up after all ended jobs');
  await expect(cleanUp()).rejects.toThrow('Could not clean up after all ended jobs');
  failing = undefined;
  await cleanUp();
  await cleanUp();
  expect(removed.filter((id) => id === bad)).toHaveLength(3);
  expect(removed.filter((id) => id === good)).toHaveLength(1);
});

test('a marker goes with its job, and does not count for a later job with the same id', async () => {
  const { platform, removed, cleanUp } = await openProcess();
  const jobId = await startAndTerminate(platform);
  await cleanUp();
  expect(await listMarked()).toContain(jobId);
  await platform.client.purge(jobId);
  await startAndTerminate(platform, jobId);
  await cleanUp();
  expect(removed).toEqual([jobId, jobId]);
  expect((await listMarked()).filter((id) => id === jobId)).toHaveLength(1);
  await platform.client.purge(jobId);
  await cleanUp();
  expect(await listMarked()).not.toContain(jobId);
});

test('two processes at once clean up without an error', async () => {
  const [one, other] = [await openProcess(), await openProcess()];
  const id = await startAndTerminate(one.platform);
  await Promise.all([one.cleanUp(), other.cleanUp(one.platform)]);
  await Promise.all([one.cleanUp(), other.cleanUp(one.platform)]);
  // Each of them, or only the first one if it was done before the other began.
  const removed = [...one.removed, ...other.removed];
  expect(new Set(removed)).toEqual(new Set([id]));
  expect(removed.length).toBeLessThanOrEqual(2);
});

test('a job counts as cleaned up only once its runner is gone', async () => {
  const removals = ['later', 'later', undefined] as const;
  let calls = 0;
  const { platform, cleanUp, removed } = await openProcess(async () => removals[calls++]);
  const id = await startAndTerminate(platform);
  await cleanUp();
  await cleanUp();
  expect(await listMarked()).not.toContain(id);
  await cleanUp();
  expect(await listMarked()).toContain(id);
  await cleanUp();
  expect(removed).toEqual([id, id, id]);
});
