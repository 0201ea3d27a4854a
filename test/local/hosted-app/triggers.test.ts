import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { QueueServiceClient, type QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { nodeBundle, orchestratorTarget } from '../../../.ci/node-bundle.ts';
import { startAzurite, type Azurite } from '../../../local/azurite/azurite.ts';
import {
  startHostedAppProcess,
  type HostedAppProcess,
} from '../../../local/hosted-app/hosted-app-process.ts';
import { createLogger } from '../../../runtime/log.ts';
import { waitUntil } from '../../fixtures/local-platform.ts';

/* A small app in the Functions host's stand-in: what its functions get, and what becomes of their answers. */

const log = createLogger('test', 'silent');
const systemKey = 'the system key of this test';
const entry = fileURLToPath(new URL('../../fixtures/hosted-app/small-app.ts', import.meta.url));

type HostFile = { extensions: { durableTask: { hubName: string }; queues: object } };

let folder: string;
let azurite: Azurite;
let queues: QueueServiceClient;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hosted-app-'));
  azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log });
  queues = QueueServiceClient.fromConnectionString(azurite.connectionString);
  await queues.createQueue('messages');
  const { outputFiles } = await build({
    ...nodeBundle(orchestratorTarget),
    entryPoints: [entry],
    write: false,
  });
  file = join(folder, 'app.zip');
  const host = JSON.parse(
    await readFile('compute/orchestrator/azure-functions/host.json', 'utf8'),
  ) as HostFile;
  host.extensions.durableTask.hubName = 'small';
  host.extensions.queues = { messageEncoding: 'base64', maxDequeueCount: 2, maxPollingInterval: '00:00:01' };
  await writeFile(
    file,
    zipSync({
      'host.json': Buffer.from(JSON.stringify(host)),
      'package.json': Buffer.from('{"main":"*.mjs"}'),
      'app.mjs': outputFiles[0]!.contents,
    }),
  );
});
afterAll(async () => {
  await azurite.stop();
  await rm(folder, { recursive: true });
});

const start = (settings: Record<string, string> = {}): Promise<HostedAppProcess> =>
  startHostedAppProcess({
    file,
    folder,
    port: 0,
    publicUrl: 'https://functions.example',
    systemKey,
    settings: { SMALL_APP_SETTING: 'a setting', ...settings },
    secrets: { SMALL_APP_SECRET: 'a secret value', SMALL_APP_QUEUES: azurite.connectionString },
    flush: async () => 0,
    log,
  });

/** The arguments of a call of a function of the app. */
type Call = { message?: unknown; tick?: boolean; event?: unknown };

describe('an app', () => {
  let host: HostedAppProcess;
  let url: string;
  let messages: QueueClient;
  beforeAll(async () => {
    host = await start();
    url = `http://127.0.0.1:${host.port}`;
    messages = queues.getQueueClient('messages');
  });
  afterAll(() => host.stop());

  const readCalls = async (): Promise<Call[]> => (await (await fetch(`${url}/api/calls`)).json()) as Call[];
  const waitForCalls = (what: string, count: number, select: (call: Call) => unknown) =>
    waitUntil(what, async () => {
      const found = (await readCalls()).filter((call) => select(call) !== undefined);
      return found.length >= count && found;
    });

  test('gets requests as the Functions worker passes them, and its settings in its environment', async () => {
    const answer = await fetch(`${url}/api/echo/a%20b/c?q=1&q=2`, {
      method: 'POST',
      headers: { 'x-given': 'given' },
      body: 'the body',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-echo')).toBe('given');
    const query = `taskHub=small&connection=Storage&code=${new URLSearchParams({ '': systemKey }).toString().slice(1)}`;
    expect(await answer.json()).toEqual({
      url: `${url}/api/echo/a%20b/c?q=1&q=2`,
      params: { name: 'a b', rest: 'c' },
      query: '1',
      body: 'the body',
      functionName: 'Echo',
      durable: expect.objectContaining({
        taskHubName: 'small',
        rpcBaseUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/durabletask\/$/),
        managementUrls: expect.objectContaining({
          id: 'INSTANCEID',
          statusQueryGetUri: `https://functions.example/runtime/webhooks/durabletask/instances/INSTANCEID?${query}`,
        }),
      }),
      setting: 'a setting',
      secret: 'a secret value',
    });
    expect((await fetch(`${url}/api/fails`)).status).toBe(500);
    expect((await fetch(`${url}/api/calls`, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('gets the messages of its queue: JSON parsed, any other text as it is', async () => {
    const encode = (text: string) => Buffer.from(text).toString('base64');
    await messages.sendMessage(encode('{"n":1}'));
    await messages.sendMessage(encode('plain text'));
    const calls = await waitForCalls('the messages', 2, ({ message }) => message);
    expect(calls).toEqual(
      expect.arrayContaining([
        { message: { n: 1 }, id: 'string', count: 1 },
        { message: 'plain text', id: 'string', count: 1 },
      ]),
    );
    await waitUntil(
      'an empty queue',
      async () => (await messages.getProperties()).approximateMessagesCount === 0,
    );
  });

  test('gets a message again after it threw, until the message moves to the poison queue', async () => {
    await messages.sendMessage(Buffer.from('a bad message').toString('base64'));
    await messages.sendMessage('not base64');
    const calls = await waitForCalls('both attempts', 2, ({ message }) =>
      message === 'a bad message' ? message : undefined,
    );
    expect(calls).toMatchObject([{ count: 1 }, { count: 2 }]);
    const poison = queues.getQueueClient('messages-poison');
    const found = await waitUntil('the poison messages', async () => {
      const { peekedMessageItems } = await poison
        .peekMessages({ numberOfMessages: 32 })
        .catch(() => ({ peekedMessageItems: [] }));
      return peekedMessageItems.length === 2 && peekedMessageItems.map(({ messageText }) => messageText);
    });
    expect(found.toSorted()).toEqual([Buffer.from('a bad message').toString('base64'), 'not base64']);
    expect((await readCalls()).filter(({ message }) => message === 'not base64')).toEqual([]);
  });

  test('gets its timer on schedule, and events one by one, but only with the system key', async () => {
    expect(await waitForCalls('the timer', 1, ({ tick }) => tick)).toEqual([
      { tick: true, isPastDue: false },
    ]);
    const post = (key: string) =>
      fetch(`${url}/runtime/webhooks/eventgrid?functionName=Event`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-functions-key': key },
        body: JSON.stringify([{ n: 1 }, { n: 2 }]),
      });
    expect((await post('another key')).status).toBe(401);
    expect((await post(systemKey)).status).toBe(202);
    const events = (await readCalls()).filter(({ event }) => event !== undefined);
    expect(events).toEqual([{ event: { n: 1 } }, { event: { n: 2 } }]);
  });
});

test('an app with streams answers through its own server, and a failed function ends its request', async () => {
  const host = await start({ SMALL_APP_STREAMS: 'on' });
  const url = `http://127.0.0.1:${host.port}`;
  try {
    const stream = await fetch(`${url}/api/stream`);
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    expect(await stream.text()).toBe('data: one\n\ndata: two\n\n');
    const echo = await fetch(`${url}/api/echo/a/b?q=3`, { method: 'POST', body: 'the body' });
    expect(await echo.json()).toMatchObject({
      url: `${url}/api/echo/a/b?q=3`,
      params: { name: 'a', rest: 'b' },
      query: '3',
      body: 'the body',
    });
    expect((await fetch(`${url}/api/fails`)).status).toBe(500);
  } finally {
    await host.stop();
  }
});

test('a host that is killed starts again on its port', async () => {
  const host = await start();
  try {
    const { pid } = host.child();
    process.kill(pid, 'SIGKILL');
    const url = `http://127.0.0.1:${host.port}/healthz`;
    const isUp = (): Promise<boolean> =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      );
    await waitUntil('the next host', async () => host.child().pid !== pid && (await isUp()));
  } finally {
    await host.stop();
  }
});

test('a file that is not a package is refused', async () => {
  const wrong = join(folder, 'wrong.zip');
  await writeFile(wrong, 'text');
  await expect(
    startHostedAppProcess({
      file: wrong,
      folder,
      port: 0,
      systemKey,
      settings: {},
      secrets: {},
      flush: async () => 0,
      log,
    }),
  ).rejects.toThrow(
    `COXSWAIN_FUNCTIONS_APP: expected the package that "npm run package" writes, received ${wrong}: invalid zip data`,
  );
});
