import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHttpJobs, OrchestratorError, type LogChunk } from '../../../compute/client/index.ts';
import { createJobId } from '../../../contracts/ids.ts';
import type { LogPart } from '../../../contracts/log-part.ts';
import { createWebListener, listen, type RunningServer } from '../../../runtime/http-server.ts';

const id = createJobId();

/** What the server answers: a part, a status without one, or the events of a stream, which then ends, or breaks off at a time. */
type Answer = Partial<LogPart> | number | { events: string; breaks?: Promise<void> };

let answers: Answer[];
let requested: string[];
let streams: boolean;
let server: RunningServer;

const toStream = ({ events, breaks }: { events: string; breaks?: Promise<void> }) => {
  let isSent = false;
  return new ReadableStream<Uint8Array>({
    pull: async (stream) => {
      if (!isSent) stream.enqueue(Buffer.from(events));
      else if (breaks) {
        await breaks;
        stream.error(new Error('broken'));
      } else stream.close();
      isSent = true;
    },
  });
};

const answer = async (request: Request): Promise<Response> => {
  const { pathname, searchParams } = new URL(request.url);
  expect(pathname).toBe(`/api/jobs/${id}/log`);
  if (searchParams.has('follow') && !streams)
    return Response.json({ error: { code: 'streams-off' } }, { status: 501 });
  requested.push(`${searchParams.has('follow') ? 'follow ' : ''}${searchParams.get('offset')}`);
  const next = answers.shift() ?? 404;
  if (typeof next === 'number')
    return Response.json({ error: { message: `status ${next}` } }, { status: next });
  if ('events' in next)
    return new Response(toStream(next), { headers: { 'content-type': 'text/event-stream' } });
  return Response.json({ v: 1, id, ...next });
};

beforeAll(async () => {
  server = await listen(
    createWebListener(answer, () => {}),
    { what: 'the test', port: 0 },
  );
});
afterAll(() => server.close());
beforeEach(() => {
  requested = [];
  answers = [];
});

const jobs = () => createHttpJobs({ url: server.url, key: 'key' });
const follow = async (
  next: Answer[],
  { from, signal = new AbortController().signal }: { from?: number; signal?: AbortSignal } = {},
): Promise<LogChunk[]> => {
  answers = next;
  return Array.fromAsync(jobs().followLog(id, { signal, ...(from === undefined ? {} : { from }) }));
};
const event = (offset: number, text: string) =>
  `id: ${offset}\nevent: log\ndata: ${JSON.stringify(text)}\n\n`;
const end = 'id: 9\nevent: end\ndata: null\n\n';

describe('a log that is polled, because the orchestrator does not stream,', () => {
  beforeEach(() => {
    streams = false;
  });

  test('is read in parts without a pause, and ends with the job', async () => {
    const chunks = await follow([
      { text: 'one', offset: 3, bytes: 9, ended: false },
      { text: 'two', offset: 6, bytes: 9, ended: true },
      { text: 'end', offset: 9, bytes: 9, ended: true },
    ]);
    expect(chunks).toEqual([
      { text: 'one', offset: 3 },
      { text: 'two', offset: 6 },
      { text: 'end', offset: 9 },
    ]);
    expect(requested).toEqual(['0', '3', '6']);
  });

  test('begins at an offset, and is polled while it does not grow', async () => {
    const chunks = await follow(
      [
        { text: '', offset: 7, bytes: 9, ended: false },
        { text: 'ü', offset: 9, bytes: 9, ended: true },
      ],
      { from: 7 },
    );
    expect(chunks).toEqual([{ text: 'ü', offset: 9 }]);
    expect(requested).toEqual(['7', '7']);
  });

  test('continues after a fault', async () => {
    const chunks = await follow([
      { text: 'one', offset: 3, bytes: 6, ended: false },
      503,
      { text: 'two', offset: 6, bytes: 6, ended: true },
    ]);
    expect(chunks.map(({ text }) => text)).toEqual(['one', 'two']);
    expect(requested).toEqual(['0', '3', '3']);
  });

  test('of an unknown job is an error', async () => {
    const unknown = { name: OrchestratorError.name, status: 404 };
    await expect(follow([404])).rejects.toMatchObject(unknown);
    const forgotten = follow([{ text: '', offset: 0, bytes: 0, ended: false }, 404]);
    await expect(forgotten).rejects.toMatchObject(unknown);
  });

  test('ends without an error when it is aborted', async () => {
    const abort = new AbortController();
    answers = [{ text: 'one', offset: 3, bytes: 3, ended: false }];
    const texts: string[] = [];
    for await (const { text } of jobs().followLog(id, { signal: abort.signal })) {
      texts.push(text);
      abort.abort();
    }
    expect(texts).toEqual(['one']);
    expect(await follow([], { signal: AbortSignal.abort() })).toEqual([]);
  });
});

describe('a log that is streamed', () => {
  beforeEach(() => {
    streams = true;
  });

  test('is resumed by its offset until the job has ended, also if a stream breaks off', async () => {
    const { promise: breaks, resolve: breakOff } = Promise.withResolvers<void>();
    answers = [
      { events: `retry: 1000\n\n${event(3, 'one')}: heartbeat\n\n` },
      { events: `${event(6, 'tw\n')}${event(8, 'ö')}`, breaks },
      { events: `: heartbeat\n\n${event(9, '!')}event: later\ndata: 1\n\n${end}` },
    ];
    const chunks: LogChunk[] = [];
    for await (const chunk of jobs().followLog(id, { signal: new AbortController().signal })) {
      chunks.push(chunk);
      if (chunk.offset === 8) breakOff();
    }
    expect(chunks).toEqual([
      { text: 'one', offset: 3 },
      { text: 'tw\n', offset: 6 },
      { text: 'ö', offset: 8 },
      { text: '!', offset: 9 },
    ]);
    expect(requested).toEqual(['follow 0', 'follow 3', 'follow 8']);
  });

  test('is polled if streams deliver no events', async () => {
    const empty = { events: 'retry: 1000\n\n' };
    const chunks = await follow([empty, empty, empty, { text: 'one', offset: 3, bytes: 3, ended: true }]);
    expect(chunks).toEqual([{ text: 'one', offset: 3 }]);
    expect(requested).toEqual(['follow 0', 'follow 0', 'follow 0', '0']);
  });

  test('is polled if the orchestrator answers with the end of the log, as older versions do', async () => {
    const tail = { text: 'older', bytes: 5 };
    const chunks = await follow([tail, { text: 'one', offset: 3, bytes: 3, ended: true }]);
    expect(chunks).toEqual([{ text: 'one', offset: 3 }]);
  });

  test('continues after an orchestrator that did not answer for a while', async () => {
    const chunks = await follow([{ events: event(3, 'one') }, 503, 500, { events: end }]);
    expect(chunks).toEqual([{ text: 'one', offset: 3 }]);
    expect(requested).toEqual(['follow 0', 'follow 3', 'follow 3', 'follow 3']);
  });

  test.each([
    ['an unknown job', [404], 404],
    ['an orchestrator that does not answer the first request', [503], 503],
    ['a job that is forgotten meanwhile', [{ events: event(3, 'one') }, 404], 404],
    ['an event that is not text', [{ events: 'id: 1\nevent: log\ndata: {}\n\n' }], 200],
    ['an event without an offset', [{ events: 'event: log\ndata: "x"\n\n' }], 200],
    ['an event without an end', [{ events: `data: ${'x'.repeat(2 * 1024 * 1024)}` }], 200],
  ] as const)('of %s is an error', async (_, next, status) => {
    await expect(follow([...next])).rejects.toMatchObject({ name: OrchestratorError.name, status });
  });

  test('is closed when its reader stops, or is aborted', async () => {
    for (const stop of ['break', 'abort'] as const) {
      const abort = new AbortController();
      const { promise: canceled, resolve } = Promise.withResolvers<void>();
      const endless = new ReadableStream<Uint8Array>(
        { pull: (stream) => stream.enqueue(Buffer.from(event(3, 'one'))), cancel: () => resolve() },
        { highWaterMark: 0 },
      );
      const own = await listen(
        createWebListener(
          async () => new Response(endless, { headers: { 'content-type': 'text/event-stream' } }),
          () => {},
        ),
        { what: 'the test', port: 0 },
      );
      const client = createHttpJobs({ url: own.url, key: 'key' });
      for await (const { text } of client.followLog(id, { signal: abort.signal })) {
        expect(text).toBe('one');
        if (stop === 'break') break;
        abort.abort();
      }
      await canceled;
      await own.close();
    }
  });
});
