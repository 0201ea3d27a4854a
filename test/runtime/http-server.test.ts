import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { listen, PortInUseError, createWebListener, type RunningServer } from '../../runtime/http-server.ts';
import { TestClock } from '../fakes/test-clock.ts';
import { RawConnection } from '../fixtures/raw-connection.ts';
import { hasIpv6 } from '../fixtures/ipv6.ts';

describe('a server', () => {
  const faults: unknown[] = [];
  let server: RunningServer;
  beforeAll(async () => {
    const handler = async (request: Request): Promise<Response> => {
      const { pathname } = new URL(request.url);
      if (pathname === '/fault') throw new Error('broken, with a secret');
      return Response.json(
        { method: request.method, own: request.headers.get('x-own'), body: await request.text() },
        { status: 201, headers: { 'x-answer': 'yes' } },
      );
    };
    server = await listen(
      createWebListener(handler, (error) => faults.push(error)),
      { what: 'the test', port: 0 },
    );
  });
  afterAll(() => server.close());

  test('passes requests to its handler and sends its answers', async () => {
    const answer = await fetch(server.url, { method: 'POST', headers: { 'x-own': 'a' }, body: 'text' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-answer')).toBe('yes');
    expect(await answer.json()).toEqual({ method: 'POST', own: 'a', body: 'text' });
    expect(await (await fetch(server.url)).json()).toEqual({ method: 'GET', own: null, body: '' });
  });

  test('answers an error with 500 and does not describe it', async () => {
    const answer = await fetch(`${server.url}/fault`);
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ error: { code: 'internal' } });
    expect(faults.splice(0)).toEqual([new Error('broken, with a secret')]);
  });

  test('refuses a body that is too large', async () => {
    const answer = await fetch(server.url, { method: 'POST', body: new Uint8Array(26 * 1024 * 1024) });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ error: { code: 'too-large' } });
    expect(faults).toEqual([]);
  });

  test('refuses an invalid address', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a b:c\r\n\r\n');
    const said = await new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => (text += String(chunk))).on('close', () => resolve(text));
    });
    expect(said).toMatch(/^HTTP\/1\.1 400 /);
    expect(faults).toEqual([]);
  });

  test('reports that its port is in use, and what to do', async () => {
    const second = listen(() => {}, { what: 'the test', port: server.port });
    await expect(second).rejects.toThrow(PortInUseError);
    await expect(second).rejects.toThrow(/the test.*--port/);
  });

  test('listens on all addresses with the host "::"', async () => {
    const all = await listen(
      createWebListener(
        async () => new Response('ok'),
        () => {},
      ),
      {
        what: 'the test',
        host: '::',
        port: 0,
      },
    );
    // An address that works on a machine without IPv6, too.
    expect(all.url).toBe(`http://127.0.0.1:${all.port}`);
    const hosts = ['127.0.0.1', ...(hasIpv6() ? ['[::1]'] : [])];
    const answers = await Promise.all(hosts.map((host) => fetch(`http://${host}:${all.port}`)));
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(hosts.map(() => 'ok'));
    await all.close();
  });

  test('closes although a client keeps a connection', async () => {
    const own = await listen(() => {}, { what: 'the test', port: 0 });
    const socket = connect(own.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve));
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await own.close();
    await closed;
  });
});

describe('connections', () => {
  const bounds = { what: 'a test', port: 0 };
  const waiting: (() => void)[] = [];
  /** Answers a request once it is let go. */
  const slow: RequestListener = (_request, response) => void waiting.push(() => response.end('late'));
  const big = Buffer.alloc(32 * 1024 * 1024);

  const within = async (
    options: Partial<Parameters<typeof listen>[1]>,
    listener: RequestListener,
    work: (port: number) => Promise<void>,
  ): Promise<void> => {
    const server = await listen(listener, { ...bounds, ...options });
    try {
      await work(server.port);
    } finally {
      waiting.splice(0).forEach((letGo) => letGo());
      await server.close();
    }
  };

  test('end if the headers do not arrive in time', () =>
    within({ headersMilliseconds: 100, idleMilliseconds: 600_000 }, slow, async (port) => {
      const silent = await RawConnection.open(port);
      const trickling = await RawConnection.open(port);
      await trickling.write('GET / HTTP/1.1\r\nHost: a\r\nX-Long: ');
      const trickle = setInterval(() => void trickling.write('x'), 10);
      expect(await trickling.closed()).toMatch(/^HTTP\/1\.1 408 /);
      clearInterval(trickle);
      await silent.closed();
    }));

  test(
    'take a request that arrives after the announced time',
    () =>
      within(
        {},
        (_request, response) => void response.end('yes'),
        async (port) => {
          const reused = await RawConnection.open(port);
          await reused.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
          const first = await reused.until((text) => text.includes('yes'));
          const announced = Number(/keep-alive: timeout=(\d+)/i.exec(first)?.[1]);
          await new Promise((resolve) => setTimeout(resolve, (announced + 2) * 1_000));
          await reused.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
          await reused.until((text) => text.split('yes').length > 2);
          expect(reused.statuses).toEqual([200, 200]);
          reused.destroy();
        },
      ),
    30_000,
  );

  test('a request under way may take longer than an idle connection', () =>
    within({ idleMilliseconds: 50 }, slow, async (port) => {
      const busy = await RawConnection.open(port);
      await busy.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      const idle = await RawConnection.open(port);
      await idle.closed();
      // The time is over for both, and one of them is kept.
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(busy.isClosed).toBe(false);
      waiting.shift()?.();
      expect(await busy.closed()).toContain('late');
    }));

  test('end if the client does not read the answer', async () => {
    const { promise: cut, resolve } = Promise.withResolvers<void>();
    const listener: RequestListener = (_request, response) => void response.once('close', resolve).end(big);
    await within({ idleMilliseconds: 50 }, listener, async (port) => {
      const deaf = await RawConnection.open(port);
      deaf.socket.pause();
      await deaf.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await cut;
      deaf.socket.resume();
      expect((await deaf.closed()).length).toBeLessThan(big.length);
    });
  });

  test('end if the client reads too slowly, on an injected clock', async () => {
    const clock = new TestClock();
    const handler = async () => new Response(big);
    const listener = createWebListener(handler, (error) => console.error(error), { clock });
    await within({ idleMilliseconds: 600_000 }, listener, async (port) => {
      const deaf = await RawConnection.open(port);
      deaf.socket.pause();
      await deaf.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      while (clock.pending === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      // What fits into the buffers of the machine has gone; then nothing moves.
      while (clock.pending > 0) {
        clock.advance(60_000);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      deaf.socket.resume();
      expect((await deaf.closed()).length).toBeLessThan(big.length);
    });
  });

  test('above the limit, the one that has been idle longest is closed', () =>
    within({ maxConnections: 3, idleMilliseconds: 600_000 }, slow, async (port) => {
      const busy = await RawConnection.open(port);
      await busy.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      while (waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      const idle = [await RawConnection.open(port), await RawConnection.open(port)] as const;
      const fresh = await RawConnection.open(port);
      await idle[0].closed();
      expect([busy.isClosed, idle[1].isClosed, fresh.isClosed]).toEqual([false, false, false]);
      [busy, idle[1], fresh].forEach((each) => each.destroy());
    }));

  test('of too many that are all at work, one that only sends on after its answer is cut', async () => {
    const refusing = createWebListener(
      async (request) => new Response(null, { status: request.method === 'GET' ? 204 : 403 }),
      (error) => console.error(error),
      // What lingers is let go of when this clock says so: never.
      { clock: new TestClock() },
    );
    await within({ maxConnections: 3, idleMilliseconds: 600_000 }, refusing, async (port) => {
      const senders: RawConnection[] = [];
      for (let n = 0; n < 6; n += 1) {
        const sender = await RawConnection.open(port);
        await sender.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n');
        await sender.until(() => sender.statuses.length > 0);
        expect(sender.statuses).toEqual([403]);
        senders.push(sender);
      }
      await Promise.all(senders.slice(0, 3).map((sender) => sender.closed()));
      const visitor = await RawConnection.open(port);
      await visitor.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await visitor.until(() => visitor.statuses.length > 0);
      expect(visitor.statuses).toEqual([204]);
      await senders[3]!.closed();
      expect(senders.slice(4).map(({ isClosed }) => isClosed)).toEqual([false, false]);
      [visitor, ...senders].forEach((each) => each.destroy());
    });
  });

  test('of too many that are all at work, the new one is closed', () =>
    within({ maxConnections: 3, idleMilliseconds: 600_000 }, slow, async (port) => {
      const busy: RawConnection[] = [];
      while (busy.length < 3) {
        const each = await RawConnection.open(port);
        await each.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
        busy.push(each);
        while (waiting.length < busy.length) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      for (let n = 0; n < 3; n += 1) await (await RawConnection.open(port)).closed();
      expect(busy.map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
      waiting.shift()!();
      await busy[0]!.until((text) => text.includes('late'));
      // The first is idle now.
      const visitor = await RawConnection.open(port);
      await visitor.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await busy[0]!.closed();
      while (waiting.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
      [visitor, ...busy].forEach((each) => each.destroy());
    }));

  test('end if they have too many concurrent requests', () =>
    within({ maxPipelined: 4 }, slow, async (port) => {
      const flood = await RawConnection.open(port);
      await flood.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(100));
      await flood.closed();
      expect(waiting.length).toBeLessThanOrEqual(4);
    }));

  test.each([
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'two different lengths',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
    ],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['a name before its host', 'GET / HTTP/1.1\r\nHost: evil@127.0.0.1\r\n\r\n'],
    ['a path in its host', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
    ['an empty host', 'GET / HTTP/1.1\r\nHost: \r\n\r\n'],
    ['a port that is none', 'GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n'],
    ['a whole address as its target', 'GET http://evil.example/ HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a method in small letters', 'get / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ])('a request with %s is answered with 400', (_what, text) =>
    within({}, slow, async (port) => {
      const connection = await RawConnection.open(port);
      await connection.write(text);
      await connection.until(() => connection.statuses.length > 0);
      expect(connection.statuses).toEqual([400]);
      expect(waiting).toEqual([]);
      connection.destroy();
    }),
  );

  test.each(['TRACE / HTTP/1.1', 'CONNECT example.com:443 HTTP/1.1'])('%s is answered with 405', (line) =>
    within({}, slow, async (port) => {
      const connection = await RawConnection.open(port);
      await connection.write(`${line}\r\nHost: a\r\n\r\n`);
      expect(await connection.closed()).toMatch(/^HTTP\/1\.1 405 [^]*allow: GET, /i);
    }),
  );
});
