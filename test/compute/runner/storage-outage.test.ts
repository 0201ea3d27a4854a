import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunnerOrder } from '../../../compute/launcher/port.ts';
import { startAzurite, type Azurite } from '../../../local/azurite/azurite.ts';
import { AppendBlob } from '../../../compute/runner/log/append-blob.ts';
import { createOnce, Refused } from '../../../compute/runner/sas-client.ts';
import { runTask } from '../../../compute/runner/run-task.ts';
import { openStorage, type Blobs } from '../../../compute/storage/open-storage.ts';
import { logger } from '../../../runtime/log.ts';
import { eventually, exitOf, logOf, orderFor } from '../../fixtures/run-specs.ts';
import { unreliableWayTo, type Unreliable } from '../../fakes/unreliable-proxy.ts';

const log = logger('test', 'silent');
const never = new AbortController().signal;

describe('when storage fails', () => {
  let azurite: Azurite;
  let blobs: Blobs;
  let way: Unreliable;

  beforeAll(async () => {
    azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log });
    const storage = openStorage(azurite.connectionString);
    await storage.prepare();
    ({ blobs } = storage);
    way = await unreliableWayTo(azurite.connectionString);
  });

  afterAll(async () => {
    await way.close();
    await azurite.stop();
  });

  const byThisWay = async (script: string): Promise<RunnerOrder> => {
    const order = await orderFor(blobs, script);
    const { script: from, started, log: to, exit } = order.links;
    return {
      ...order,
      links: { script: way.via(from), started: way.via(started), log: way.via(to), exit: way.via(exit) },
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
    await eventually(() => started);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await exitOf(blobs, order)).toBeUndefined();
    way.up();
    await ended;
    expect(await exitOf(blobs, order)).toMatchObject({ exitCode: 0 });
    expect(await logOf(blobs, order)).toBe('one\n');
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
    expect(await logOf(blobs, order)).toBe('one\ntwo\nthree\nfour\n');
  });

  test('a log that was lost with it goes on', async () => {
    const order = await orderFor(blobs, '');
    const blob = new AppendBlob(order.links.log, never);
    await blob.append(Buffer.from('lost\n'));
    await blobs.delete([`run/${order.job}/log`]);
    await blob.append(Buffer.from('kept\n'));
    expect(await logOf(blobs, order)).toBe('kept\n');
  });

  test('what it refuses is a fault that tells no link', async () => {
    const order = await orderFor(blobs, '');
    const wrong = order.links.exit.replace(/sig=[^&]+/, 'sig=d3Jvbmc%3D');
    const error = await createOnce(wrong, '', 'text/plain', never).catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(Refused);
    expect(String(error)).not.toMatch(/sig|http/);
  });
});
