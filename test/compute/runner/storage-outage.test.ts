import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { filePath, filesRecordPath } from '../../../contracts/blob-paths.ts';
import type { RunSpec } from '../../../compute/launcher/port.ts';
import { startAzurite, type Azurite } from '../../../local/azurite/azurite.ts';
import { openFile, type OpenFile } from '../../../compute/runner/files/open-file.ts';
import { FileReadError, uploadFile } from '../../../compute/runner/files/upload-file.ts';
import { AppendBlob } from '../../../compute/runner/log/append-blob.ts';
import { createOnce, StorageRefusedError } from '../../../compute/runner/sas-client.ts';
import { runTask } from '../../../compute/runner/run-task.ts';
import { openStorage, type Blobs } from '../../../compute/storage/open-storage.ts';
import { createLogger } from '../../../runtime/log.ts';
import { createRunSpec, readExitRecord, readLog, runContext, waitFor } from '../../fixtures/run-specs.ts';
import { startUnreliableProxy, type UnreliableProxy } from '../../fakes/unreliable-proxy.ts';

const log = createLogger('test', 'silent');
const never = new AbortController().signal;

describe('when storage fails', () => {
  let azurite: Azurite;
  let blobs: Blobs;
  let way: UnreliableProxy;

  beforeAll(async () => {
    azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log });
    const storage = openStorage(azurite.connectionString);
    await storage.prepare();
    ({ blobs } = storage);
    way = await startUnreliableProxy(azurite.connectionString);
  });

  afterAll(async () => {
    await way.close();
    await azurite.stop();
  });

  const byThisWay = async (script: string): Promise<RunSpec> => {
    const order = await createRunSpec(blobs, script);
    const { script: from, started, log: to, exit, files } = order.links;
    return {
      ...order,
      links: {
        script: way.rewrite(from),
        started: way.rewrite(started),
        log: way.rewrite(to),
        exit: way.rewrite(exit),
        files: { record: way.rewrite(files!.record), files: files!.files.map((link) => way.rewrite(link)) },
      },
    };
  };

  test('a runner waits until it is back, before the script and after it', async () => {
    const order = await byThisWay('#!/bin/sh\necho one');
    way.down();
    let started = false;
    const onStarted = () => {
      started = true;
      way.down();
    };
    const ended = runTask(order, { ...runContext, onStarted });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(started).toBe(false);
    way.up();
    await waitFor(() => started);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await readExitRecord(blobs, order)).toBeUndefined();
    way.up();
    await ended;
    expect(await readExitRecord(blobs, order)).toMatchObject({ exitCode: 0 });
    expect(await readLog(blobs, order)).toBe('one\n');
  });

  test('a stopped runner names the files that it could not deliver in time', async () => {
    const script =
      '#!/bin/sh\ncd "$COXSWAIN_OUTPUT_DIR"; echo 1 > a.txt; echo 22 > b.txt; echo ready; sleep 600';
    const order = await createRunSpec(blobs, script);
    const files = { ...order.links.files!, files: order.links.files!.files.map((link) => way.rewrite(link)) };
    way.down();
    const stop = new AbortController();
    const ended = runTask(
      { ...order, links: { ...order.links, files } },
      { ...runContext, stop: stop.signal },
    );
    await waitFor(() => readLog(blobs, order));
    stop.abort('SIGTERM');
    await ended;
    way.up();
    expect(JSON.parse((await blobs.get(filesRecordPath(order.job)))!.toString())).toMatchObject({
      files: [],
      omitted: [
        { name: 'a.txt', bytes: 2, reason: 'not-delivered' },
        { name: 'b.txt', bytes: 3, reason: 'not-delivered' },
      ],
      omittedCount: 2,
    });
    expect(await readExitRecord(blobs, order)).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
  });

  describe('a file', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'files-'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    const write = (content: string) => writeFile(join(folder, 'file.txt'), content);
    const openIt = async (): Promise<OpenFile> => {
      const file = await openFile(folder, 'file.txt', undefined);
      if (typeof file === 'string') throw new Error(file);
      return file;
    };
    const upload = async (file: OpenFile, order: RunSpec): Promise<string> => {
      try {
        return await uploadFile(order.links.files!.files[0]!, file, 'text/plain', never);
      } finally {
        await file.handle.close();
      }
    };

    test('whose answer is lost is uploaded once, with the digest of what was stored', async () => {
      const order = await byThisWay('');
      await write('first');
      const file = await openIt();
      const read = file.handle.read.bind(file.handle) as (...args: unknown[]) => Promise<unknown>;
      let attempts = 0;
      Object.assign(file.handle, {
        read: async (...args: unknown[]) => {
          attempts += 1;
          if (attempts === 2) await write('other');
          return read(...args);
        },
      });
      way.loseAnswers(1);
      const digest = await upload(file, order);
      expect(attempts).toBe(2);
      const stored = await blobs.get(filePath(order.job, 0));
      expect(stored?.toString()).toBe('first');
      expect(digest).toBe(hash('sha256', 'first'));
    });

    test('waits until storage is back', async () => {
      const order = await byThisWay('');
      await write('late');
      way.down();
      const uploaded = upload(await openIt(), order);
      await new Promise((resolve) => setTimeout(resolve, 200));
      way.up();
      expect(await uploaded).toBe(hash('sha256', 'late'));
      expect((await blobs.get(filePath(order.job, 0)))?.toString()).toBe('late');
    });

    test('of 100 MiB needs little memory', async () => {
      const order = await createRunSpec(blobs, '');
      await write('');
      await truncate(join(folder, 'file.txt'), 100 * 1024 ** 2);
      const file = await openIt();
      const read = file.handle.read.bind(file.handle) as (...args: unknown[]) => Promise<unknown>;
      const before = process.memoryUsage().arrayBuffers;
      let max = before;
      Object.assign(file.handle, {
        read: (...args: unknown[]) => {
          max = Math.max(max, process.memoryUsage().arrayBuffers);
          return read(...args);
        },
      });
      // As `head -c 104857600 /dev/zero | sha256sum` prints it.
      expect(await upload(file, order)).toBe(
        '20492a4d0d84f8beb1767f6616229f85d44c2827b64bdbfb260ee12fa1109e0e',
      );
      expect(max - before).toBeLessThan(30 * 1024 ** 2);
    });

    test('that storage refuses before it has received it is not sent to the end', async () => {
      const server = createServer((_request, response) => response.writeHead(403).end());
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      await write('');
      await truncate(join(folder, 'file.txt'), 1024 ** 3);
      const file = await openIt();
      const refused = uploadFile(`http://127.0.0.1:${port}/`, file, 'text/plain', never);
      await expect(refused).rejects.toThrow(StorageRefusedError);
      await file.handle.close();
      server.close();
      server.closeAllConnections();
    });

    test('that becomes shorter is an error, and leaves no blob', async () => {
      const order = await byThisWay('');
      await write('long content');
      const file = await openIt();
      await write('short');
      await expect(upload(file, order)).rejects.toThrow(FileReadError);
      expect(await blobs.exists(filePath(order.job, 0))).toBe(false);
    });

    test('never replaces a blob, and its error does not show the link', async () => {
      const order = await byThisWay('');
      await blobs.put(filePath(order.job, 0), 'somebody’s');
      await write('mine');
      const error = await upload(await openIt(), order).catch((fault: unknown) => fault);
      expect(error).toBeInstanceOf(StorageRefusedError);
      expect(String(error)).not.toMatch(/sig|http/);
      expect((await blobs.get(filePath(order.job, 0)))?.toString()).toBe('somebody’s');
    });
  });

  test('an append whose answer is lost is made once', async () => {
    const order = await byThisWay('');
    const blob = new AppendBlob(order.links.log, never);
    way.loseAnswers(1);
    await blob.append(Buffer.from('one\n'));
    await blob.append(Buffer.from('two\n'));
    way.loseAnswers(1);
    await blob.append(Buffer.from('three\n'));
    await blob.append(Buffer.from('four\n'));
    expect(await readLog(blobs, order)).toBe('one\ntwo\nthree\nfour\n');
  });

  test('a log that was lost with it continues', async () => {
    const order = await createRunSpec(blobs, '');
    const blob = new AppendBlob(order.links.log, never);
    await blob.append(Buffer.from('lost\n'));
    await blobs.delete([`run/${order.job}/log`]);
    await blob.append(Buffer.from('kept\n'));
    expect(await readLog(blobs, order)).toBe('kept\n');
  });

  test('a refused request is an error without the link', async () => {
    const order = await createRunSpec(blobs, '');
    const wrong = order.links.exit.replace(/sig=[^&]+/, 'sig=d3Jvbmc%3D');
    const error = await createOnce(wrong, '', 'text/plain', never).catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(StorageRefusedError);
    expect(String(error)).not.toMatch(/sig|http/);
  });
});
