import { afterEach, describe, expect, test } from '@jest/globals';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { limitBody } from '../../../runtime/http/limit-body.ts';
import { listen, type RunningServer } from '../../../runtime/http-server.ts';
import { TestClock } from '../../fakes/test-clock.ts';
import { RawConnection } from '../../fixtures/raw-connection.ts';

/* A listener that is not ours and reads bodies by itself. */

describe('a body that another listener reads', () => {
  let clock: TestClock;
  let server: RunningServer;
  let connection: RawConnection;
  let received: number;

  const open = async (listener: (request: IncomingMessage, response: ServerResponse) => void) => {
    clock = new TestClock();
    received = 0;
    const bounded = (request: IncomingMessage, response: ServerResponse): void => {
      limitBody(request, response, clock);
      listener(request, response);
    };
    server = await listen(bounded, { what: 'a test', port: 0, idleMilliseconds: 600_000 });
    connection = await RawConnection.open(server.port);
  };
  afterEach(async () => {
    connection.destroy();
    await server.close();
    await until(() => clock.pending === 0);
  });

  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  const read = (request: IncomingMessage, response: ServerResponse): void => {
    request.on('data', (chunk: Buffer) => (received += chunk.length));
    request.once('end', () => response.end(`${received} bytes`));
  };
  const head = (bytes: number, ...headers: string[]): string =>
    ['POST / HTTP/1.1', 'Host: a', `Content-Length: ${bytes}`, ...headers, '', ''].join('\r\n');
  const begin = async (bytes: number): Promise<void> => {
    await connection.write(head(bytes));
    await until(() => clock.pending > 0);
  };
  const send = async (bytes: number): Promise<void> => {
    const before = received;
    await connection.write(Buffer.alloc(bytes));
    await until(() => received === before + bytes);
  };

  test('is read whole, and leaves no timer', async () => {
    await open(read);
    await begin(100_000);
    await send(100_000);
    expect(await connection.until((text) => text.includes('bytes'))).toContain('100000 bytes');
  });

  test('that stalls ends its connection after 10 s', async () => {
    await open(read);
    await begin(100_000);
    await send(50_000);
    clock.advance(1_000);
    clock.advance(9_000);
    expect(connection.isClosed).toBe(false);
    clock.advance(1_000);
    await connection.closed();
  });

  test('that trickles ends its connection', async () => {
    await open(read);
    await begin(100_000);
    for (let second = 0; second < 11; second += 1) {
      if (second < 10) await send(10);
      clock.advance(1_000);
    }
    await connection.closed();
  });

  test('at 16 KiB a second may take long', async () => {
    await open(read);
    await begin(60 * 16 * 1024);
    for (let second = 0; second < 60; second += 1) {
      await send(16 * 1024);
      clock.advance(1_000);
    }
    expect(await connection.until((text) => text.includes('bytes'))).toContain(`${60 * 16 * 1024} bytes`);
  });

  test('that waits for its listener is not slow', async () => {
    let begun: (() => void) | undefined;
    await open((request, response) => (begun = () => read(request, response)));
    await begin(100_000);
    await connection.write(Buffer.alloc(100_000));
    for (let second = 0; second < 60; second += 1) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(connection.isClosed).toBe(false);
    begun?.();
    expect(await connection.until((text) => text.includes('bytes'))).toContain('100000 bytes');
  });

  test('whose sender continues after its answer ends its connection 2 s later', async () => {
    await open((_request, response) => void response.writeHead(403).end('no'));
    await connection.write(head(100_000));
    await connection.until((text) => text.includes('\r\nno\r\n'));
    await connection.write(Buffer.alloc(1_000));
    clock.advance(1_999);
    expect(connection.isClosed).toBe(false);
    clock.advance(1);
    await connection.closed();
  });

  test('that came whole after its answer keeps its connection', async () => {
    await open((_request, response) => void response.writeHead(403).end('no'));
    await connection.write(head(1_000));
    await connection.until((text) => text.includes('\r\nno\r\n'));
    await connection.write(Buffer.alloc(1_000));
    await connection.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await connection.until(() => connection.statuses.length === 2);
    clock.advance(10_000);
    await connection.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await connection.until(() => connection.statuses.length === 3);
    expect(connection.statuses).toEqual([403, 403, 403]);
  });

  test('is asked for if its sender waits for that', async () => {
    await open(read);
    await connection.write(head(10, 'Expect: 100-continue'));
    await connection.until((text) => text.includes('100 Continue'));
    await send(10);
    expect(await connection.until((text) => text.includes('bytes'))).toContain('10 bytes');
  });
});
