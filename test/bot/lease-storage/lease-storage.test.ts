import { AccountSASPermissions, BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { openLeaseStorage, type LeaseStorage } from '../../../bot/lease-storage/lease-storage.ts';
import { startAzurite, type Azurite } from '../../../local/azurite/azurite.ts';
import { createLogger } from '../../../runtime/log.ts';

let azurite: Azurite;
let storage: LeaseStorage;
beforeAll(async () => {
  azurite = await startAzurite({
    folder: undefined,
    blobPort: 0,
    queuePort: 0,
    log: createLogger('test', 'silent'),
  });
});
afterAll(() => azurite.stop());
beforeEach(() => {
  storage = openLeaseStorage(azurite.connectionString);
});

const container = () =>
  BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('leases');
const getLease = (name: string) => container().getBlobClient(name).getProperties();

let names = 0;
const nextName = (): string => `tracker/${(names += 1)}`;

test('one holder has a lease at a time, renews it by taking it again, and releases it', async () => {
  const name = nextName();
  expect(await storage.take(name, 'a', 30)).toBe(true);
  expect(await getLease(name)).toMatchObject({ leaseState: 'leased', leaseDuration: 'fixed' });
  expect(await storage.take(name, 'b', 30)).toBe(false);
  expect(await storage.take(name, 'a', 30)).toBe(true);
  await storage.release(name, 'b');
  expect(await storage.take(name, 'b', 30)).toBe(false);
  await storage.release(name, 'a');
  expect(await storage.take(name, 'b', 30)).toBe(true);
});

test('a process with the same name continues the lease of its predecessor, even after the lease was broken', async () => {
  const name = nextName();
  await storage.take(name, 'a', 30);
  expect(await openLeaseStorage(azurite.connectionString).take(name, 'a', 30)).toBe(true);
  await container().getBlobClient(name).getBlobLeaseClient().breakLease(0);
  expect(await storage.take(name, 'b', 30)).toBe(true);
  expect(await storage.take(name, 'a', 30)).toBe(false);
});

test('of many processes that take a new lease at once, exactly one succeeds', async () => {
  const name = nextName();
  const takes = Array.from({ length: 8 }, (_, n) =>
    openLeaseStorage(azurite.connectionString).take(name, `holder-${n}`, 30),
  );
  expect((await Promise.all(takes)).filter(Boolean)).toHaveLength(1);
});

test.each([1, 300])('a lease of %i s lasts as close to it as Azure allows', async (seconds) => {
  expect(await storage.take(nextName(), 'a', seconds)).toBe(true);
});

test('releasing a lease that is free, held by another process or was never taken is not an error', async () => {
  const name = nextName();
  await storage.release(name, 'a');
  await storage.take(name, 'a', 30);
  await storage.release(name, 'a');
  await storage.release(name, 'a');
});

test('a container that is deleted is created again', async () => {
  const name = nextName();
  await storage.take(name, 'a', 30);
  await container().delete();
  expect(await storage.take(name, 'a', 30)).toBe(true);
  await container().delete();
  await storage.changeVersion('wake/1');
  expect(await storage.getVersion('wake/1')).not.toBeNull();
});

test('a version changes each time, for all processes', async () => {
  const other = openLeaseStorage(azurite.connectionString);
  const name = `wake/${nextName()}`;
  expect(await other.getVersion(name)).toBeNull();
  await storage.changeVersion(name);
  const first = await other.getVersion(name);
  expect(await other.getVersion(name)).toBe(first);
  await storage.changeVersion(name);
  expect(await other.getVersion(name)).not.toBe(first);
});

test('the URL of a blob endpoint with a SAS is enough', async () => {
  const service = BlobServiceClient.fromConnectionString(azurite.connectionString);
  const url = service.generateAccountSasUrl(
    new Date(Date.now() + 3_600_000),
    AccountSASPermissions.parse('rwc'),
    'co',
  );
  const withSas = openLeaseStorage(url);
  const name = nextName();
  expect(await withSas.take(name, 'a', 30)).toBe(true);
  expect(await storage.take(name, 'b', 30)).toBe(false);
  await withSas.release(name, 'a');
  expect(await storage.take(name, 'b', 30)).toBe(true);
});

test('storage that does not answer is an error, whose log line contains no signature', async () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const away = openLeaseStorage('http://127.0.0.1:1/account?sv=2025-01-01&sig=a-signature');
  const calls = [
    away.take('tracker/1', 'a', 30),
    away.release('tracker/1', 'a'),
    away.changeVersion('wake/1'),
    away.getVersion('wake/1'),
  ];
  for (const call of calls) {
    const error: unknown = await call.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    log.warn({ err: error }, 'could not renew');
  }
  expect(lines.join('')).not.toContain('a-signature');
});
