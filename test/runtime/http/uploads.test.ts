import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sendResponse } from '../../../runtime/http/send-response.ts';
import { Uploads, type UploadError } from '../../../runtime/http/uploads.ts';
import { listen, createWebListener, type RunningServer } from '../../../runtime/http-server.ts';
import { TestClock } from '../../fakes/test-clock.ts';
import { RawConnection } from '../../fixtures/raw-connection.ts';

const KiB = 1024;

/** A server that reads each body, and says how long it was; `GET` answers without. */
class Scene {
  readonly clock = new TestClock();
  readonly uploads: Uploads;
  server: RunningServer | undefined;
  /** How many bodies are being read. */
  reading = 0;
  readonly #connections: RawConnection[] = [];

  constructor(maxTotalBytes: number, maxUploads = 1_000) {
    this.uploads = new Uploads({ maxTotalBytes, maxUploads }, this.clock);
  }

  async open(maxBodyBytes: number): Promise<this> {
    this.server = await listen((request, response) => void this.#answer(request, response, maxBodyBytes), {
      what: 'a test',
      port: 0,
      idleMilliseconds: 60_000,
    });
    return this;
  }

  async #answer(
    ...[request, response, maxBodyBytes]: [...Parameters<typeof this.uploads.read>]
  ): Promise<void> {
    this.reading += 1;
    const answer = await this.uploads.read(request, response, maxBodyBytes).then(
      (body) => ({ status: 200, text: `${body.length} bytes` }),
      (error: UploadError) => ({ status: error.status, text: error.code }),
    );
    this.reading -= 1;
    await sendResponse(
      request,
      response,
      { status: answer.status, headers: [], body: Buffer.from(answer.text) },
      { clock: this.clock, lingers: false },
    );
  }

  async connect(): Promise<RawConnection> {
    const connection = await RawConnection.open(this.server?.port ?? 0);
    this.#connections.push(connection);
    return connection;
  }

  /** Begins an upload of so many bytes, and sends some of them. */
  async upload(bytes: number, sent: number): Promise<RawConnection> {
    const connection = await this.connect();
    const before = this.uploads.heldBytes;
    await connection.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\n`);
    await connection.write(Buffer.alloc(sent));
    if (sent > 0 && sent < bytes)
      await this.#until(() => this.uploads.heldBytes !== before || connection.isClosed);
    return connection;
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  async held(bytes: number): Promise<void> {
    await this.#until(() => this.uploads.heldBytes === bytes);
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    await this.#until(() => this.reading === 0);
    await this.server?.close();
    // Whatever came of them, nothing is held, and nothing waits.
    expect(this.uploads.heldBytes).toBe(0);
    expect(this.clock.pending).toBe(0);
  }
}

describe('uploads', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await new Scene(100 * KiB, 20).open(40 * KiB);
  });
  afterEach(() => scene.close());

  test('a body is read whole', async () => {
    const connection = await scene.upload(30 * KiB, 30 * KiB);
    expect(await connection.until((text) => text.includes('bytes'))).toContain(`${30 * KiB} bytes`);
  });

  test('one without a byte for 10 s ends with 408', async () => {
    const connection = await scene.upload(1_000, 10);
    scene.clock.advance(9_999);
    expect(connection.text).toBe('');
    scene.clock.advance(1);
    expect(await connection.closed()).toMatch(/^HTTP\/1\.1 408 .*too-slow$/s);
  });

  test('one that trickles is ended with 408, chunked too', async () => {
    const connection = await scene.connect();
    await connection.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let held = 1; held <= 12 && !connection.isClosed; held += 1) {
      await connection.write('1\r\nx\r\n');
      if (held < 11) await scene.held(held);
      scene.clock.advance(1_000);
    }
    expect(await connection.closed()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test.each([
    ['by its length', 'Content-Length: 40961\r\n\r\n', ''],
    ['chunk by chunk', 'Transfer-Encoding: chunked\r\n\r\n', `a001\r\n${'x'.repeat(40_961)}\r\n0\r\n\r\n`],
  ])('one that is too large %s is answered with 413', async (_how, head, body) => {
    const connection = await scene.connect();
    await connection.write(`POST / HTTP/1.1\r\nHost: a\r\n${head}${body}`);
    expect(await connection.closed()).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('one that breaks off is released', async () => {
    const connection = await scene.upload(30 * KiB, 20 * KiB);
    await scene.held(20 * KiB);
    connection.destroy();
    await scene.held(0);
  });

  test('over the total, the slowest is ended, and a fast one gets through', async () => {
    const stalled: RawConnection[] = [];
    for (let n = 0; n < 3; n += 1) stalled.push(await scene.upload(40 * KiB, 32 * KiB));
    await scene.held(96 * KiB);
    scene.clock.advance(3_000);
    const good = await scene.upload(36 * KiB, 36 * KiB);
    expect(await good.until((text) => text.includes('bytes'))).toContain(`${36 * KiB} bytes`);
    const [cut] = await Promise.race(stalled.map(async (each) => [await each.closed()]));
    expect(cut).toMatch(/^HTTP\/1\.1 503 .*busy$/s);
    // One made enough room.
    expect(stalled.filter(({ isClosed }) => isClosed)).toHaveLength(1);
  });

  test('an upload that starts fast and then stalls is slower than one that continues', async () => {
    const stalled = await scene.upload(40 * KiB, 39 * KiB);
    const steady = await scene.upload(40 * KiB, 1 * KiB);
    for (let n = 2; n <= 4; n += 1) {
      scene.clock.advance(2_000);
      await steady.write(Buffer.alloc(8 * KiB));
      await scene.held(39 * KiB + KiB + (n - 1) * 8 * KiB);
    }
    const third = await scene.upload(40 * KiB, 38 * KiB);
    expect(await stalled.closed()).toMatch(/^HTTP\/1\.1 503 /);
    expect([steady.isClosed, third.isClosed]).toEqual([false, false]);
  });

  test('of too many uploads, the slowest are ended', async () => {
    const stalled: RawConnection[] = [];
    for (let n = 0; n < 20; n += 1) stalled.push(await scene.upload(1_000, 1));
    scene.clock.advance(2_000);
    const good = await scene.upload(2_000, 1_999);
    await good.write('x');
    expect(await good.until((text) => text.includes('bytes'))).toContain('2000 bytes');
  });
});

describe('a web listener', () => {
  const faults: unknown[] = [];
  const clock = new TestClock();
  let server: RunningServer;
  let bodies = 0;
  beforeEach(async () => {
    bodies = 0;
    const handler = async (request: Request): Promise<Response> => {
      if (request.headers.get('x-key') !== 'right') return new Response('no key\n', { status: 401 });
      // What a handler makes of a body that does not come is not what is answered.
      const text = await request.text().catch(() => 'nothing');
      bodies += 1;
      return new Response(`${text.length} characters`);
    };
    server = await listen(
      createWebListener(handler, (error) => faults.push(error), { clock, maxBodyBytes: 100 * KiB }),
      { what: 'a test', port: 0 },
    );
  });
  afterEach(async () => {
    await server.close();
    expect(faults.splice(0)).toEqual([]);
    clock.advance(10_000);
    expect(clock.pending).toBe(0);
  });

  test('answers by the headers before a byte of the body has come, and takes no more', async () => {
    const connection = await RawConnection.open(server.port);
    await connection.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n');
    expect(await connection.until((text) => text.includes('no key\n'))).toMatch(
      /^HTTP\/1\.1 401 .*connection: close/s,
    );
    clock.advance(2_000);
    await connection.closed();
    expect(bodies).toBe(0);
  });

  test('a client that is still sending sees the answer', async () => {
    const answer = await fetch(server.url, { method: 'POST', body: new Uint8Array(90 * KiB) });
    expect([answer.status, await answer.text()]).toEqual([401, 'no key\n']);
  });

  test('does not request a body that it will not read', async () => {
    const connection = await RawConnection.open(server.port);
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n';
    await connection.write(`${head}\r\n`);
    await connection.closed();
    expect(connection.statuses).toEqual([401]);
    const other = await RawConnection.open(server.port);
    await other.write(`${head}X-Key: right\r\nConnection: close\r\n\r\n`);
    await other.until((text) => text.includes('100 Continue'));
    await other.write('hello');
    expect(await other.closed()).toContain('5 characters');
    expect(other.statuses).toEqual([100, 200]);
  });

  test('reports the problem of the body, whatever the handler does', async () => {
    const connection = await RawConnection.open(server.port);
    await connection.write('POST / HTTP/1.1\r\nHost: a\r\nX-Key: right\r\nContent-Length: 10\r\n\r\nhel');
    while (clock.pending === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    clock.advance(10_000);
    expect(await connection.closed()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('a GET with a body is answered, and its connection ends', async () => {
    const connection = await RawConnection.open(server.port);
    await connection.write('GET / HTTP/1.1\r\nHost: a\r\nX-Key: right\r\nContent-Length: 10\r\n\r\n');
    await connection.until((text) => text.includes('0 characters'));
    clock.advance(2_000);
    expect(await connection.closed()).toMatch(/^HTTP\/1\.1 200 /);
  });
});
