import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAzurite, type Azurite, type CreatedBlob } from '../../../local/azurite/azurite.ts';
import { azuriteVersion } from '../../../local/azurite/azurite-internals.ts';
import { openStorage } from '../../../compute/storage/open-storage.ts';
import type { BlobPath } from '../../../contracts/blob-paths.ts';
import { createLogger } from '../../../runtime/log.ts';

const log = createLogger('test', 'silent');
let folder: string;
let azurite: Azurite | undefined;
let created: CreatedBlob[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coxswain-azurite-'));
  created = [];
});
afterEach(async () => {
  await azurite?.stop();
  azurite = undefined;
  await rm(folder, { recursive: true });
});

const start = async (ports = { blobPort: 0, queuePort: 0 }): Promise<Azurite> => {
  azurite = await startAzurite({ folder, ...ports, log, onCreated: (blob) => created.push(blob) });
  return azurite;
};

const kill = (name: string): void => {
  const child = azurite!.children().find((other) => other.name === name);
  process.kill(child!.pid, 'SIGKILL');
};

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}` as BlobPath);

test('the version for which its insides were read is the one that is installed and pinned', async () => {
  const { version } = createRequire(import.meta.url)('azurite/package.json') as { version: string };
  const own = JSON.parse(await readFile('package.json', 'utf8')) as { dependencies: Record<string, string> };
  expect([version, own.dependencies['azurite']]).toEqual([azuriteVersion, azuriteVersion]);
});

test('SIGKILL right after a flush loses nothing, and both services come back where they were', async () => {
  const { connectionString, flush } = await start();
  const storage = openStorage(connectionString);
  await storage.prepare();
  const paths = numbered('output/flushed/', 50);
  await Promise.all(paths.map((path) => storage.blobs.put(path, path)));
  await Promise.all(paths.map((path) => storage.input.send(path)));
  await flush();
  kill('azurite-blob');
  kill('azurite-queue');
  // Storage's own retries outlive the restart.
  expect((await Array.fromAsync(storage.blobs.list('output/flushed/'))).map(({ path }) => path)).toEqual(
    paths.toSorted(),
  );
  expect((await storage.blobs.get(paths[7]!))?.toString()).toBe(paths[7]);
  expect(await storage.input.length()).toBe(50);
});

test('a flush during which the process dies waits for the next process, which counts as a restart', async () => {
  const { connectionString, flush, restarts } = await start();
  const storage = openStorage(connectionString);
  await storage.prepare();
  await flush();
  expect(restarts()).toBe(0);
  kill('azurite-queue');
  await flush();
  expect(restarts()).toBe(1);
  await storage.input.send('after');
  expect(await storage.input.length()).toBe(1);
});

test('each created blob is reported once, with what an event needs, and again after a restart', async () => {
  const { connectionString, flush } = await start();
  const storage = openStorage(connectionString);
  await storage.prepare();
  const paths = numbered('output/seen/', 40);
  await Promise.all(paths.map((path) => storage.blobs.putOnce(path, 'four')));
  await storage.blobs.putOnce(paths[0]!, 'refused');
  await storage.blobs.putParts(
    'result/parts',
    (async function* () {
      yield 'joined';
    })(),
  );
  await flush();
  expect(created.map(({ path }) => path).sort()).toEqual([...paths, 'result/parts'].sort());
  expect(created.find(({ path }) => path === paths[3])).toMatchObject({
    bytes: 4,
    api: 'PutBlob',
    etag: expect.stringMatching(/^".+"$/),
  });
  expect(created.find(({ path }) => path === 'result/parts')).toMatchObject({
    bytes: 6,
    api: 'PutBlockList',
  });
  kill('azurite-blob');
  await storage.blobs.put('output/later', 'x');
  await flush();
  expect(created.at(-1)).toMatchObject({ path: 'output/later' });
});

test('a stop saves all data for the next start', async () => {
  const storage = openStorage((await start()).connectionString);
  await storage.prepare();
  await storage.blobs.put('result/kept', 'kept');
  await azurite!.stop();
  const again = openStorage((await start()).connectionString);
  expect((await again.blobs.get('result/kept'))?.toString()).toBe('kept');
});

test('a port in use is said so, and nothing is left running', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  await expect(start({ blobPort: port, queuePort: 0 })).rejects.toMatchObject({ name: 'PortInUseError' });
  await new Promise((resolve) => other.close(resolve));
});
