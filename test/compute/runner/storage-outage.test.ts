import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunSpec } from '../../../compute/launcher/port.ts';
import { startAzurite, type Azurite } from '../../../local/azurite/azurite.ts';
import { AppendBlob } from '../../../compute/runner/log/append-blob.ts';
import { createOnce, StorageRefusedError } from '../../../compute/runner/sas-client.ts';
import { runTask } from '../../../compute/runner/run-task.ts';
import { openStorage, type Blobs } from '../../../compute/storage/open-storage.ts';
import { createLogger } from '../../../runtime/log.ts';
import { waitFor, readExitRecord, readLog, createRunSpec } from '../../fixtures/run-specs.ts';
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
    const { script: from, started, log: to, exit } = order.links;
    return {
      ...order,
      links: {
        script: way.rewrite(from),
        started: way.rewrite(started),
        log: way.rewrite(to),
        exit: way.rewrite(exit),
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
    const ended = runTask(order, { stop: never, graceMilliseconds: 100, users: undefined, onStarted, log });
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
