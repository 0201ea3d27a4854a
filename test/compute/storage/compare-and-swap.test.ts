import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startAzurite } from '../../../local/azurite/azurite.ts';
import { leasePath } from '../../../contracts/blob-paths.ts';
import { takeLease } from '../../../compute/orchestrator/leases/lease-store.ts';
import { changeLock } from '../../../compute/orchestrator/locks/lock-store.ts';
import { compareAndSwap } from '../../../compute/storage/compare-and-swap.ts';
import { openStorage } from '../../../compute/storage/open-storage.ts';
import { log } from '../../fixtures/orchestrator/orchestrator-fixture.ts';

let azurite: Awaited<ReturnType<typeof startAzurite>>;
beforeAll(async () => {
  azurite = await startAzurite({
    folder: undefined,
    blobPort: 0,
    queuePort: 0,
    onCreated: () => undefined,
    log,
  });
});
afterAll(() => azurite.stop());

const quick = { maxAttempts: 3, backoff: { minMilliseconds: 1, maxMilliseconds: 1 } };

test('without a container, changes of a lock and a lease fail with an error that names them', async () => {
  const { blobs } = openStorage(azurite.connectionString);
  const by = {
    kind: 'person' as const,
    person: { id: '1', name: 'mona' },
    reason: null,
    since: '2026-01-01',
  };
  const take = changeLock(
    blobs,
    { scope: 'github.com/1', key: 'vm/web-1' },
    (lock) => ({ ...lock, holders: [by] }),
    quick,
  );
  await expect(take).rejects.toThrow('The lock vm/web-1 of github.com/1 could not be changed in 3 attempts');
  await expect(
    takeLease(blobs, leasePath('tracker'), { name: 'tracker', holder: 'a', seconds: 60 }, quick),
  ).rejects.toThrow('The lease tracker could not be changed in 3 attempts');
});

test('a change that another change preceded is retried', async () => {
  let made = 0;
  const attempt = async () => ((made += 1) < 3 ? undefined : made);
  await expect(compareAndSwap('It', attempt, quick)).resolves.toBe(3);
});
