import { RestError } from '@azure/storage-blob';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStorage, type Storage } from '../../../compute/storage/open-storage.ts';
import { callStorage, StorageError } from '../../../compute/storage/storage-error.ts';
import type { BlobPath } from '../../../contracts/blob-paths.ts';
import { startAzurite, type Azurite } from '../../../local/azurite/azurite.ts';
import { createLogger } from '../../../runtime/log.ts';
import { startUnreliableProxy, type UnreliableProxy } from '../../fakes/unreliable-proxy.ts';

describe('a storage operation', () => {
  /** Fails once with each error, then returns the number of attempts. */
  const failing = (...errors: Error[]) => {
    let attempts = 0;
    return async () => {
      const error = errors[attempts];
      attempts += 1;
      if (error) throw error;
      return attempts;
    };
  };

  test('is repeated without an answer, and after one that may change', async () => {
    const errors = [
      new RestError('connect ECONNREFUSED', { code: 'ECONNREFUSED' }),
      new RestError('The server is busy.', { statusCode: 503 }),
      new RestError('Internal error.', { statusCode: 500 }),
    ];
    await expect(callStorage('test', failing(...errors))).resolves.toBe(4);
  });

  test.each([new RestError('Not found.', { statusCode: 404 }), new TypeError('a fault of ours')])(
    'is not repeated after another error: %s',
    async (error) => {
      const operation = failing(error);
      await expect(callStorage('test', operation)).rejects.toThrow(StorageError);
      await expect(operation()).resolves.toBe(2);
    },
  );
});

test('a poll fails soon, and is not repeated, although storage accepts connections and never answers', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const key = Buffer.alloc(64).toString('base64');
  const endpoints = `BlobEndpoint=http://127.0.0.1:${port}/a;QueueEndpoint=http://127.0.0.1:${port}/a;`;
  const storage = openStorage(`DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${key};${endpoints}`);
  await expect(storage.input.receive(1, 10)).rejects.toThrow(StorageError);
  expect(sockets).toHaveLength(1);
  sockets.forEach((socket) => socket.destroy());
  server.close();
  await once(server, 'close');
});

describe('a listing', () => {
  let azurite: Azurite;
  let proxy: UnreliableProxy;
  let storage: Storage;
  beforeAll(async () => {
    const log = createLogger('test', 'silent');
    azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log });
    proxy = await startUnreliableProxy(azurite.connectionString);
    storage = openStorage(proxy.rewrite(azurite.connectionString));
    await storage.prepare();
  });
  afterAll(async () => {
    await proxy.close();
    await azurite.stop();
  });

  test('is complete although the answer with one of its pages got lost', async () => {
    const paths = Array.from(
      { length: 300 },
      (_, n): BlobPath => `output/many/${String(n).padStart(6, '0')}`,
    );
    await Promise.all(paths.map((path) => storage.blobs.put(path, '')));
    const found: BlobPath[] = [];
    for await (const { path } of storage.blobs.list('output/many/', { from: paths[0]!, to: paths.at(-1)! })) {
      if (found.length === 0) proxy.loseAnswers(2);
      found.push(path);
    }
    expect(found).toEqual(paths);
  });
});
