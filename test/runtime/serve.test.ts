import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect } from 'node:net';
import { listen, PortInUse, webListener, type Served } from '../../runtime/serve.ts';

describe('a server', () => {
  const faults: unknown[] = [];
  let server: Served;
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
      webListener(handler, (error) => faults.push(error)),
      { what: 'the test', port: 0 },
    );
  });
  afterAll(() => server.close());

  test('hands requests to its handler and answers what that answers', async () => {
    const answer = await fetch(server.url, { method: 'POST', headers: { 'x-own': 'a' }, body: 'text' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-answer')).toBe('yes');
    expect(await answer.json()).toEqual({ method: 'POST', own: 'a', body: 'text' });
    expect(await (await fetch(server.url)).json()).toEqual({ method: 'GET', own: null, body: '' });
  });

  test('answers a fault with 500 and does not say what it was', async () => {
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

  test('refuses an address that is none', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a b:c\r\n\r\n');
    const said = await new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => (text += String(chunk))).on('close', () => resolve(text));
    });
    expect(said).toMatch(/^HTTP\/1\.1 400 /);
    expect(faults).toEqual([]);
  });

  test('says that its port is in use, and what to do', async () => {
    const second = listen(() => {}, { what: 'the test', port: server.port });
    await expect(second).rejects.toThrow(PortInUse);
    await expect(second).rejects.toThrow(/the test.*--port/);
  });

  test('closes although somebody keeps a connection', async () => {
    const own = await listen(() => {}, { what: 'the test', port: 0 });
    const socket = connect(own.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve));
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await own.close();
    await closed;
  });
});
