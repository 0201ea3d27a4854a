import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { createWebListener, listen, type RunningServer } from '../../../runtime/http-server.ts';
import { TestClock } from '../../fakes/test-clock.ts';
import { RawConnection } from '../../fixtures/raw-connection.ts';

/** Answers the next request. */
let answer: () => Promise<Response>;
let faults: unknown[];
let server: RunningServer;
beforeEach(async () => {
  faults = [];
  server = await listen(
    createWebListener(
      () => answer(),
      (error) => faults.push(error),
    ),
    { what: 'the test', port: 0 },
  );
});
afterEach(() => server.close());

const headers = { 'content-type': 'text/event-stream' };
const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** A stream that the test controls. `canceled` resolves when its reader is gone. */
const createSource = () => {
  const { promise: canceled, resolve } = Promise.withResolvers<void>();
  let source: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      source = controller;
    },
    cancel: () => resolve(),
  });
  return {
    body,
    canceled,
    send: (text: string) => source?.enqueue(Buffer.from(text)),
    fail: (error: Error) => source?.error(error),
    end: () => source?.close(),
  };
};

const open = async (): Promise<RawConnection> => {
  const client = await RawConnection.open(server.port);
  await client.write(request);
  return client;
};

test('each event is sent at once, and the connection is kept after the last one', async () => {
  const source = createSource();
  answer = async () => new Response(source.body, { headers });
  const client = await open();
  await client.until((text) => text.includes('\r\n\r\n'));
  for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
    source.send(event);
    await client.until((text) => text.includes(event));
  }
  source.end();
  await client.until((text) => text.endsWith('0\r\n\r\n'));
  answer = async () => new Response('next');
  await client.write(request);
  await client.until((text) => text.endsWith('next'));
  expect(client.statuses).toEqual([200, 200]);
  client.destroy();
});

test('a stream whose client is gone is canceled, also if the client left before the answer', async () => {
  for (const leavesEarly of [true, false]) {
    const source = createSource();
    const { promise: answered, resolve: answerNow } = Promise.withResolvers<void>();
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    answer = async () => {
      onAsked();
      await answered;
      return new Response(source.body, { headers });
    };
    const client = await open();
    await asked;
    if (!leavesEarly) answerNow();
    if (!leavesEarly) await client.until((text) => text.includes('200 OK'));
    client.destroy();
    await client.closed();
    answerNow();
    await source.canceled;
  }
  expect(faults).toEqual([]);
});

test('a stream that fails closes the connection, also while its client reads nothing', async () => {
  for (const reads of [true, false]) {
    const source = createSource();
    answer = async () => new Response(source.body, { headers });
    const client = await open();
    await client.until((text) => text.includes('200 OK'));
    if (!reads) client.socket.pause();
    const event = `data: ${'x'.repeat(1024 * 1024)}\n\n`;
    for (let n = 0; n < (reads ? 1 : 32); n += 1) source.send(event);
    source.fail(new Error('storage is down'));
    client.socket.resume();
    await client.closed();
    expect(client.text.endsWith('0\r\n\r\n')).toBe(false);
  }
  expect(faults).toEqual([new Error('storage is down'), new Error('storage is down')]);
});

test('a client that does not read the rest of a stream that has ended is disconnected', async () => {
  let source: ReadableStreamDefaultController<Uint8Array> | undefined;
  let events = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        source = controller;
      },
      pull: (controller) => {
        events += 1;
        controller.enqueue(Buffer.alloc(1024 * 1024, 'data: x\n\n'));
      },
    },
    { highWaterMark: 0 },
  );
  const clock = new TestClock();
  const listener = createWebListener(
    async () => new Response(body, { headers }),
    (error) => faults.push(error),
    { clock },
  );
  const { promise: cut, resolve } = Promise.withResolvers<void>();
  let response: ServerResponse | undefined;
  const own = await listen(
    (incoming, outgoing) => {
      response = outgoing.once('close', resolve);
      listener(incoming, outgoing);
    },
    { what: 'the test', port: 0, idleMilliseconds: 600_000 },
  );
  const client = await RawConnection.open(own.port);
  client.socket.pause();
  await client.write(request);
  // The buffers of the machine are full when no more events are asked for.
  const isFull = () => response?.writableNeedDrain === true;
  for (let before = -1; before < events || !isFull();) {
    before = events;
    await setTimeout(50);
  }
  source?.close();
  while (clock.pending === 0) await setTimeout(1);
  clock.advance(10_000);
  await cut;
  expect(clock.pending).toBe(0);
  expect(faults).toEqual([]);
  client.destroy();
  await own.close();
});

test('a server that closes ends its streams', async () => {
  const source = createSource();
  answer = async () => new Response(source.body, { headers });
  const client = await open();
  await client.until((text) => text.includes('200 OK'));
  await server.close();
  await source.canceled;
  await client.closed();
});
