import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { logPath } from '../../../contracts/blob-paths.ts';
import { createJobId, type JobId } from '../../../contracts/ids.ts';
import { createHttpJobs } from '../../../compute/client/index.ts';
import type { Launcher } from '../../../compute/launcher/port.ts';
import { formatLogEvents } from '../../../compute/orchestrator/log-stream/log-events.ts';
import { LogStreams, type LogStreamOptions } from '../../../compute/orchestrator/log-stream/log-streams.ts';
import { openScriptLog } from '../../../compute/runner/log/script-log.ts';
import type { Blobs } from '../../../compute/storage/port.ts';
import { createFunctionsHost } from '../../../local/functions-host/functions-host.ts';
import { createWebListener, listen, type RunningServer } from '../../../runtime/http-server.ts';
import { RawConnection } from '../../fixtures/raw-connection.ts';
import {
  log,
  noLauncher,
  openOrchestratorFixture,
  openTestOrchestrator,
  platformKey,
  startComputeJob,
  waitUntil,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';

let fixture: OrchestratorFixture;
let platform: TestOrchestrator;
let server: RunningServer;
let calls: string[] = [];

/** Records the calls that read logs. */
const countReads = (blobs: Blobs): Blobs => ({
  ...blobs,
  getLength: (path) => {
    calls.push('length');
    return blobs.getLength(path);
  },
  getRange: (path, from, maxBytes) => {
    calls.push(`range ${from} ${maxBytes}`);
    return blobs.getRange(path, from, maxBytes);
  },
});

const serve = async (own: TestOrchestrator): Promise<RunningServer> => {
  let url = '';
  const functions = createFunctionsHost({
    app: own.app,
    host: { client: own.client, close: own.close },
    systemKey: 'system-key',
    baseUrl: () => url,
    taskHub: 'hub',
    log,
  });
  const running = await listen(
    createWebListener(functions.handle, () => {}),
    { what: 'the test', port: 0 },
  );
  ({ url } = running);
  fixture.releases.push(() => functions.stop(), running.close);
  return running;
};

beforeAll(async () => {
  fixture = await openOrchestratorFixture();
  const definition = { taskName: 'Talk', dockerImage: 'image', scriptName: 'talk.sh' };
  await fixture.storage.blobs.put('tasks/Talk.json', JSON.stringify(definition));
  await fixture.storage.blobs.put('tasks/talk.sh', 'echo');
  const launcher: Launcher = {
    ...noLauncher,
    launch: async () => ({ kind: 'launched' }),
    inspect: async () => ({ state: 'running', message: null }),
  };
  const storage = { ...fixture.storage, blobs: countReads(fixture.storage.blobs) };
  platform = await openTestOrchestrator(fixture, { launcher, storage });
  server = await serve(platform);
});
afterAll(async () => {
  await fixture.stopAll();
  await fixture.close();
});

const talk = async (): Promise<JobId> => {
  const { body } = await platform.call('POST', 'tasks', { taskName: 'Talk' });
  return String(body['id']);
};
const end = async (id: string): Promise<void> => {
  await platform.call('POST', `jobs/${id}/cancel`, { by: 'mona' });
  await platform.ended(id);
};
/** Appends to the log like a runner. */
const append = async (id: JobId, bytes: string | Uint8Array<ArrayBuffer>): Promise<void> => {
  const link = fixture.storage.blobs.signAppendLink(logPath(id), 600);
  await fetch(link, { method: 'PUT', headers: { 'x-ms-blob-type': 'AppendBlob', 'if-none-match': '*' } });
  const { status } = await fetch(`${link}&comp=appendblock`, { method: 'PUT', body: bytes });
  expect(status).toBe(201);
};

type Follower = {
  response: Response;
  text: string;
  until: (part: string) => Promise<void>;
  close: () => Promise<void>;
};

/** Opens a stream, and reads it when the test waits for something. */
const follow = async (
  id: string,
  {
    query = '',
    headers = {},
    at = server,
  }: { query?: string; headers?: Record<string, string>; at?: RunningServer } = {},
): Promise<Follower> => {
  const response = await fetch(`${at.url}/api/jobs/${id}/log?follow${query}`, {
    headers: { 'x-functions-key': platformKey, ...headers },
  });
  const reader = response.body?.getReader();
  const follower: Follower = {
    response,
    text: '',
    until: async (part) => {
      while (!follower.text.includes(part)) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) throw new Error(`The stream ended: ${follower.text}`);
        follower.text += Buffer.from(value).toString();
      }
    },
    close: async () => reader?.cancel(),
  };
  return follower;
};

describe('a stream of a log', () => {
  test('sends what there is and what is added, and ends with the job', async () => {
    const id = await talk();
    const follower = await follow(id);
    expect(follower.response.status).toBe(200);
    expect(follower.response.headers.get('content-type')).toBe('text/event-stream');
    await append(id, 'one\n');
    await follower.until('id: 4\nevent: log\ndata: "one\\n"\n\n');
    await append(id, Uint8Array.from([0x61, 0xc3]));
    await follower.until('id: 5\nevent: log\ndata: "a"\n\n');
    await append(id, Uint8Array.from([0xbc]));
    await follower.until('id: 7\nevent: log\ndata: "ü"\n\n');
    await end(id);
    await follower.until('id: 7\nevent: end\ndata: null\n\n');
    await expect(follower.until('more')).rejects.toThrow('The stream ended');
  });

  test('begins at an offset; the last event of an interrupted stream replaces it', async () => {
    const id = await talk();
    await append(id, 'one\ntwo\nthree\n');
    await end(id);
    const texts = async (options: Parameters<typeof follow>[1]) => {
      const follower = await follow(id, options);
      await follower.until('event: end');
      return [...follower.text.matchAll(/^data: (".*")$/gm)].map(
        ([, data = '']) => JSON.parse(data) as string,
      );
    };
    expect(await texts({})).toEqual(['one\ntwo\nthree\n']);
    expect(await texts({ query: '&offset=4' })).toEqual(['two\nthree\n']);
    expect(await texts({ query: '&offset=4', headers: { 'last-event-id': '8' } })).toEqual(['three\n']);
    expect(await texts({ query: '&offset=99' })).toEqual([]);
  });

  test('is refused for unknown jobs, jobs without a log, invalid offsets, and unknown callers', async () => {
    const id = await talk();
    const of = async (job: string, options: Parameters<typeof follow>[1] = {}) => {
      const { response } = await follow(job, options);
      expect(response.headers.get('content-type')).toBe('application/json');
      return response.status;
    };
    expect(await of(createJobId())).toBe(404);
    expect(await of(await startComputeJob(platform, { inputCount: 1 }))).toBe(404);
    expect(await of(id, { query: '&offset=-1' })).toBe(400);
    expect(await of(id, { headers: { 'last-event-id': 'x' } })).toBe(400);
    expect(await of(id, { headers: { 'x-functions-key': 'wrong' } })).toBe(401);
    const { response } = await follow(id, { headers: { 'last-event-id': 'x' } });
    expect(response.status).toBe(400);
    await end(id);
  });

  test('is refused where streams are off, and the log is polled instead', async () => {
    const own = await openTestOrchestrator(fixture, { streams: false, launcher: noLauncher });
    const at = await serve(own);
    const { body } = await own.call('POST', 'tasks', { taskName: 'Talk' });
    const id = String(body['id']);
    await own.ended(id);
    await append(id, 'one\n');
    const refused = await follow(id, { at });
    expect(refused.response.status).toBe(501);
    await refused.until('"code":"streams-off","field":"follow"');
    const jobs = createHttpJobs({ url: at.url, key: platformKey });
    const chunks = await Array.fromAsync(jobs.followLog(id, { signal: new AbortController().signal }));
    expect(chunks).toEqual([{ text: 'one\n', offset: 4 }]);
  });

  test('of many followers reads the log once', async () => {
    const id = await talk();
    await append(id, 'one\n');
    calls = [];
    const followers = await Promise.all(Array.from({ length: 20 }, () => follow(id)));
    await Promise.all(followers.map((each) => each.until('id: 4\n')));
    await append(id, 'two\n');
    await Promise.all(followers.map((each) => each.until('id: 8\n')));
    expect(calls.filter((call) => call.startsWith('range'))).toEqual(['range 0 4', 'range 4 4']);
    await Promise.all(followers.map((each) => each.close()));
    // No follower is left, so nobody polls.
    await end(id);
  });

  test('of a log of 10 MB without line breaks reads bounded blocks', async () => {
    const id = await talk();
    const bytes = new Uint8Array(3 * 1024 * 1024).map((_, n) => (n * 31) % 256);
    for (let n = 0; n < 3; n += 1) await append(id, bytes);
    await end(id);
    calls = [];
    const jobs = createHttpJobs({ url: server.url, key: platformKey });
    let last = 0;
    let longest = 0;
    for await (const { text, offset } of jobs.followLog(id, { signal: new AbortController().signal })) {
      longest = Math.max(longest, text.length);
      last = offset;
    }
    expect(last).toBe(3 * bytes.length);
    expect(longest).toBeLessThanOrEqual(64 * 1024 + 3);
    const ranges = calls.filter((call) => call.startsWith('range')).map((call) => Number(call.split(' ')[2]));
    expect(Math.max(...ranges)).toBeLessThanOrEqual(64 * 1024);
    expect(ranges).toHaveLength(144);
  });
});

describe('a log that never ends', () => {
  const binary = new Uint8Array(1024 * 1024).map((_, n) => ((n * 31) % 255) + 1);

  test('is bounded, and followers learn where the rest is, and how much was left out', async () => {
    const id = await talk();
    const link = fixture.storage.blobs.signAppendLink(logPath(id), 600);
    const scriptLog = openScriptLog({ link, secrets: [], giveUp: new AbortController().signal, log });
    const follower = await follow(id);
    for (let n = 0; n < 6; n += 1) scriptLog.write(binary);
    await follower.until('The log has reached 5 MB.');
    for (let n = 0; n < 200; n += 1) scriptLog.write(binary);
    await scriptLog.close();
    await end(id);
    await follower.until('event: end');
    expect(follower.text).toMatch(/\[… \d{9} bytes left out …\]/);
    const last = Number(/id: (\d+)\nevent: end/.exec(follower.text)?.[1]);
    expect(last).toBe(await fixture.storage.blobs.getLength(logPath(id)));
    expect(last).toBeLessThanOrEqual(10_000_000);
  });

  test('is read only as far as a slow follower has come', async () => {
    const id = await talk();
    for (let n = 0; n < 9; n += 1) await append(id, binary);
    await end(id);
    const streams = new LogStreams({ blobs: countReads(fixture.storage.blobs), log });
    const reader = streams.open(id, 0, { status: async () => undefined })?.getReader();
    calls = [];
    for (let n = 0; n < 3; n += 1) await reader?.read();
    await setImmediate();
    const block = 64 * 1024;
    expect(calls).toEqual(['length', `range 0 ${block}`, `range ${block} ${block}`]);
    await reader?.cancel();
    expect(streams.watched).toBe(0);
  });
});

describe('the streams of an orchestrator', () => {
  const live = { status: async () => ({ runtimeStatus: 'Running' }) as never };

  const openStreams = (options: Partial<LogStreamOptions> = {}) =>
    new LogStreams({ blobs: countReads(fixture.storage.blobs), log, ...options });

  test('share one watch per job, which ends with the last of them', async () => {
    const streams = openStreams();
    const [a, b] = [await talk(), await talk()];
    const open = [a, a, b].map((job) => streams.open(job, 0, live));
    expect(streams.watched).toBe(2);
    await open[0]?.cancel();
    expect(streams.watched).toBe(2);
    await open[1]?.cancel();
    await open[2]?.cancel();
    expect(streams.watched).toBe(0);
    await Promise.all([end(a), end(b)]);
  });

  test('are limited in number', async () => {
    const streams = openStreams({ maxStreams: 1 });
    const id = await talk();
    const first = streams.open(id, 0, live);
    expect(first).toBeDefined();
    expect(streams.open(id, 0, live)).toBeUndefined();
    await first?.cancel();
    const next = streams.open(id, 0, live);
    expect(next).toBeDefined();
    await next?.cancel();
    await end(id);
  });

  test('send a comment when nothing changes for a while', async () => {
    const waits: number[] = [];
    const abort = new AbortController();
    const events = formatLogEvents({
      offset: 0,
      watch: {
        extent: { length: 0, isComplete: false },
        waitForChange: async (_, milliseconds) => void waits.push(milliseconds),
      },
      read: () => Promise.reject(new Error('there is nothing to read')),
      signal: abort.signal,
    });
    const texts: string[] = [];
    for await (const text of events) {
      texts.push(text);
      if (texts.length === 3) abort.abort();
    }
    expect(texts).toEqual(['retry: 1000\n\n', ': heartbeat\n\n', ': heartbeat\n\n']);
    expect(waits).toEqual([15_000, 15_000]);
  });

  test('end by themselves, without an end of the log', async () => {
    const streams = openStreams({ streamMilliseconds: 50 });
    const id = await talk();
    const stream = streams.open(id, 0, live);
    const text = Buffer.concat(await Array.fromAsync(stream ?? [])).toString();
    expect(text).toMatch(/^retry: 1000\n\n(?:: heartbeat\n\n)*$/);
    expect(streams.watched).toBe(0);
    await end(id);
  });

  test('wait for storage that fails', async () => {
    const id = await talk();
    await append(id, 'one\n');
    const { blobs } = fixture.storage;
    let faults = 2;
    const streams = openStreams({
      blobs: {
        ...blobs,
        getLength: (path) =>
          faults-- > 0 ? Promise.reject(new Error('storage is down')) : blobs.getLength(path),
      },
    });
    const stream = streams.open(id, 0, live);
    let text = '';
    for await (const chunk of stream ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes('"one\\n"')) break;
    }
    expect(streams.watched).toBe(0);
    await end(id);
  });

  test('end when the server closes', async () => {
    const own = await openTestOrchestrator(fixture, {
      launcher: { ...noLauncher, launch: async () => ({ kind: 'launched' }) },
    });
    const at = await serve(own);
    const { body } = await own.call('POST', 'tasks', { taskName: 'Talk' });
    const id = String(body['id']);
    await append(id, 'one\n');
    const follower = await follow(id, { at });
    await follower.until('"one\\n"');
    await at.close();
    await expect(follower.until('more')).rejects.toThrow();
  });

  test('end when their clients disconnect, or read nothing', async () => {
    const id = await talk();
    const streams = openStreams({ streamMilliseconds: 600_000 });
    const own = await listen(
      createWebListener(
        async () =>
          new Response(streams.open(id, 0, live), { headers: { 'content-type': 'text/event-stream' } }),
        () => {},
      ),
      { what: 'the test', port: 0, idleMilliseconds: 200 },
    );
    const gone = await RawConnection.open(own.port);
    await gone.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await gone.until((text) => text.includes('retry'));
    gone.destroy();
    await waitUntil(() => streams.watched === 0);

    // More than the buffers of the machine hold.
    for (let n = 0; n < 3; n += 1) await append(id, new Uint8Array(4 * 1024 * 1024).fill(1));
    const deaf = await RawConnection.open(own.port);
    deaf.socket.pause();
    await deaf.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await waitUntil(() => streams.watched === 1);
    await waitUntil(() => streams.watched === 0);
    deaf.destroy();
    await own.close();
    await end(id);
  });
});
