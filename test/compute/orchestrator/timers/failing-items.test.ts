import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { leasePath, type BlobPath } from '../../../../contracts/blob-paths.ts';
import type { JobId } from '../../../../contracts/ids.ts';
import type { Blobs } from '../../../../compute/storage/port.ts';
import { waitForRunning, startWithConditions } from '../../../fixtures/orchestrator/jobs-with-conditions.ts';
import {
  openOrchestratorFixture,
  openTestOrchestrator,
  startComputeJob,
  waitUntil,
  type OrchestratorFixture,
} from '../../../fixtures/orchestrator/orchestrator-fixture.ts';

/* A job, lock or lease whose clean-up fails again and again does not keep the others from being cleaned up. */

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
});
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

/** Opens the app with storage whose operations fail for paths that contain a text. */
const openFailing = async (retentionDays = 30) => {
  const failing = { text: '' };
  const check = (path: BlobPath): void => {
    if (failing.text !== '' && path.includes(failing.text)) throw new Error('storage refuses this');
  };
  const blobs = Object.create(fixture.storage.blobs) as Blobs;
  const original = fixture.storage.blobs;
  blobs.list = (prefix, range) => (check(prefix), original.list(prefix, range));
  blobs.putOnce = async (path, ...rest) => (check(path), original.putOnce(path, ...rest));
  blobs.deleteIf = async (path, tag) => (check(path), original.deleteIf(path, tag));
  const platform = await openTestOrchestrator(fixture, {
    retentionDays,
    storage: { ...fixture.storage, blobs },
  });
  return { platform, failing };
};

test('old jobs are purged although one of them cannot be', async () => {
  const { platform, failing } = await openFailing(0);
  const ids: JobId[] = [];
  for (let n = 0; n < 3; n += 1) {
    const id = await startComputeJob(platform, { inputCount: 1, timeoutSeconds: 600 });
    await platform.call('POST', `jobs/${id}/cancel`, {});
    await platform.ended(id);
    ids.push(id);
  }
  const [first, bad, last] = ids as [JobId, JobId, JobId];
  failing.text = bad;
  await expect(platform.runChore('purge-jobs')).rejects.toThrow('Could not purge all old jobs');
  const isKnown = async (id: JobId) => (await platform.client.status(id)) !== undefined;
  expect([await isKnown(first), await isKnown(bad), await isKnown(last)]).toEqual([false, true, false]);
  failing.text = '';
  await platform.runChore('purge-jobs');
  expect(await isKnown(bad)).toBe(false);
});

test('locks of ended jobs are reclaimed although one of them cannot be', async () => {
  const { platform, failing } = await openFailing();
  const scope = 'github.com/1296269';
  const ids: JobId[] = [];
  for (const key of ['a', 'b', 'c']) {
    const id = await startWithConditions(platform, { locks: [{ scope, key }] });
    await waitForRunning(platform, id);
    ids.push(id);
  }
  for (const id of ids) {
    await platform.client.terminate(id, 'enough');
    await platform.client.purge(id);
  }
  const listKeys = async () => {
    const { body } = await platform.call('GET', `locks?scope=${encodeURIComponent(scope)}`);
    return (body['locks'] as { key: string }[]).map(({ key }) => key);
  };
  expect(await listKeys()).toEqual(['a', 'b', 'c']);
  failing.text = ids[1] ?? '';
  await expect(platform.runChore('reclaim-locks')).rejects.toThrow('Could not reclaim all locks');
  expect(await listKeys()).toEqual(['b']);
  failing.text = '';
  await platform.runChore('reclaim-locks');
  expect(await listKeys()).toEqual([]);
});

test('expired leases are removed although one of them cannot be', async () => {
  const { platform, failing } = await openFailing();
  const names = ['x', 'y', 'z'];
  for (const name of names) await platform.call('POST', 'leases', { name, holder: 'a', seconds: 1 });
  failing.text = leasePath('y');
  const list = async () => {
    const found: string[] = [];
    for (const name of names) if (await fixture.storage.blobs.exists(leasePath(name))) found.push(name);
    return found;
  };
  await waitUntil(async () => {
    await platform.runChore('remove-leases').catch(() => {});
    return (await list()).length === 1;
  });
  expect(await list()).toEqual(['y']);
  failing.text = '';
  await platform.runChore('remove-leases');
  expect(await list()).toEqual([]);
});
