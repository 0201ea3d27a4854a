import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import examples from '@octokit/webhooks-examples' with { type: 'json' };
import { createHmac } from 'node:crypto';
import { maxPayloadBytes } from '../../../bot/server/http-server.ts';
import { TestClock } from '../../fakes/test-clock.ts';
import { RawConnection } from '../../fixtures/raw-connection.ts';
import { openServer, type TestBotServer } from '../../fixtures/bot-server.ts';

type Labels = { name: string; description: string | null }[];
type Text = { body: string; title: string; labels: Labels; milestone: object | null };
type Payload = {
  action: string;
  comment?: { body: string };
  issue?: Text;
  pull_request?: Text;
  changes?: object;
};
const known = examples as unknown as { name: string; examples: Payload[] }[];
const payloadsOf = (event: string): Payload[] => known.find(({ name }) => name === event)?.examples ?? [];

/** As many characters as GitHub takes in a field, of those that take the most bytes. */
const longest = (characters: number): string => '😀'.repeat(characters);
/** JSON with each character beyond ASCII escaped, 12 bytes for one of these. */
const escaped = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const text = longest(65_536);
const label = {
  id: 1,
  node_id: 'x'.repeat(40),
  url: 'x'.repeat(200),
  name: longest(50),
  color: 'ffffff',
  default: false,
  description: longest(100),
};
const milestone = { title: longest(256), description: text };
const grown = (one: Text): Text => ({
  ...one,
  title: longest(256),
  body: text,
  labels: Array.from({ length: 100 }, () => label),
  milestone: { ...one.milestone, ...milestone },
});

const largest = (event: string): Payload[] =>
  payloadsOf(event).map((payload) => ({
    ...payload,
    installation: { id: 3 },
    ...(payload.comment && { comment: { ...payload.comment, body: text } }),
    ...(payload.issue && { issue: grown(payload.issue) }),
    ...(payload.pull_request && { pull_request: grown(payload.pull_request) }),
    changes: { body: { from: text }, title: { from: longest(256) } },
  }));

describe('the largest payloads that GitHub sends', () => {
  const clock = new TestClock();
  let server: TestBotServer;
  beforeEach(async () => {
    // A clock that stands still cuts no payload for being slow.
    server = await openServer({}, clock);
  });
  afterEach(() => server.close());

  test.each(['issue_comment', 'pull_request'])(
    '%s: all texts full, each character escaped',
    async (event) => {
      const sizes: number[] = [];
      for (const payload of largest(event)) {
        const body = escaped(payload);
        sizes.push(body.length);
        const { status } = await server.deliver(event, body);
        expect(status).toBe(200);
      }
      const size = Math.max(...sizes);
      // Nothing else in a payload has much room: the bound is near what can be sent.
      expect(size).toBeGreaterThan(maxPayloadBytes / 2);
      expect(size).toBeLessThan(maxPayloadBytes);
    },
    300_000,
  );
});

describe('unverified bodies', () => {
  const clock = new TestClock();
  const open: RawConnection[] = [];
  let server: TestBotServer;
  beforeEach(async () => {
    server = await openServer({}, clock);
  });
  afterEach(async () => {
    for (const connection of open.splice(0)) connection.destroy();
    await server.close();
    expect(clock.pending).toBe(0);
  });

  const connect = async (): Promise<RawConnection> => {
    const connection = await RawConnection.open(Number(new URL(server.url).port));
    open.push(connection);
    return connection;
  };
  const head = (length: number, more: Record<string, string> = {}): string => {
    const headers = {
      host: 'bot.example',
      'content-type': 'application/json',
      'content-length': String(length),
      'x-github-event': 'issue_comment',
      'x-github-delivery': 'd-1',
      'x-hub-signature-256': `sha256=${'0'.repeat(64)}`,
      ...more,
    };
    const lines = Object.entries(headers).filter(([, value]) => value !== '');
    return `POST /api/github/webhooks HTTP/1.1\r\n${lines.map((line) => `${line.join(': ')}\r\n`).join('')}\r\n`;
  };
  const payload = {
    ...payloadsOf('issue_comment').find(({ action }) => action === 'created'),
    installation: { id: 3 },
  };

  test('stalled uploads by strangers do not block a signed webhook', async () => {
    for (let n = 0; n < 40; n += 1) {
      const connection = await connect();
      await connection.write(head(maxPayloadBytes));
      await connection.write(Buffer.alloc(maxPayloadBytes - 1, ' '));
    }
    clock.advance(2_000);
    for (let n = 0; n < 10; n += 1) expect((await server.deliver('issue_comment', payload)).status).toBe(200);
    expect(server.receivedComments).toHaveLength(10);
    // Over the total the others had to go.
    const cut = () => open.filter(({ statuses }) => statuses.includes(503)).length;
    while (cut() < 20) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(open.filter(({ statuses }) => statuses.includes(200))).toEqual([]);
  });

  test.each([
    ['without a signature', { 'x-hub-signature-256': '' }, 400],
    ['with one that cannot be', { 'x-hub-signature-256': 'sha256=no' }, 400],
    [
      'with the old one alone',
      { 'x-hub-signature-256': '', 'x-hub-signature': `sha1=${'0'.repeat(40)}` },
      400,
    ],
    ['of another type', { 'content-type': 'text/plain' }, 415],
    ['without an event', { 'x-github-event': '' }, 400],
    ['of the event __proto__', { 'x-github-event': '__proto__' }, 400],
    ['of the event constructor', { 'x-github-event': 'constructor' }, 400],
    ['without a delivery', { 'x-github-delivery': '' }, 400],
    ['that is too large', { 'content-length': String(maxPayloadBytes + 1) }, 413],
  ])('a webhook %s is refused before its body', async (_what, more, status) => {
    const connection = await connect();
    await connection.write(head(1_000, more));
    await connection.until(() => connection.statuses.length > 0);
    expect(connection.statuses).toEqual([status]);
    connection.destroy();
    // The server waits a while for what still comes.
    clock.advance(2_000);
  });

  test.each(['', 'null', '[]', '"x"', '7', '{', '\ufeff{}', '['.repeat(100_000)])(
    'a signed body that is no payload is answered with 400 (%#)',
    async (body) => {
      expect((await server.deliver('issue_comment', body)).status).toBe(400);
    },
  );

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'é'])(
    'a signed webhook of the event %s is answered with 400',
    async (event) => {
      const body = JSON.stringify(payload);
      const connection = await connect();
      const signature = createHmac('sha256', 'a secret').update(body).digest('hex');
      const more = {
        'x-github-event': event,
        'x-hub-signature-256': `sha256=${signature}`,
        connection: 'close',
      };
      await connection.write(head(Buffer.byteLength(body), more) + body);
      expect(await connection.closed()).toMatch(/^HTTP\/1\.1 400 /);
    },
  );

  test('an unknown event is ignored', async () => {
    expect((await server.deliver('something_new', payload)).status).toBe(200);
    expect((await server.deliver('ping', { zen: 'x', hook_id: 1 })).status).toBe(200);
    expect(server.receivedComments).toEqual([]);
  });
});
