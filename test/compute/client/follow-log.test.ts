import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHttpJobs, OrchestratorError, type LogChunk } from '../../../compute/client/index.ts';
import { createJobId } from '../../../contracts/ids.ts';
import type { LogPart } from '../../../contracts/log-part.ts';
import { createWebListener, listen } from '../../../runtime/http-server.ts';
import type { RunningServer } from '../../../runtime/http-server.ts';

const id = createJobId();

/** The answers of the server, in order: a part, or a status without one. */
let answers: (Partial<LogPart> | number)[];
let requested: string[];
let server: RunningServer;
beforeAll(async () => {
  server = await listen(
    createWebListener(
      async (request) => {
        const { pathname, searchParams } = new URL(request.url);
        expect(pathname).toBe(`/api/jobs/${id}/log`);
        requested.push(searchParams.get('offset') ?? '');
        const answer = answers.shift() ?? 404;
        if (typeof answer === 'number')
          return Response.json({ error: { message: `status ${answer}` } }, { status: answer });
        return Response.json({ v: 1, id, ...answer });
      },
      () => {},
    ),
    { what: 'the test', port: 0 },
  );
});
afterAll(() => server.close());

const follow = async (
  next: (Partial<LogPart> | number)[],
  { from, signal = new AbortController().signal }: { from?: number; signal?: AbortSignal } = {},
): Promise<LogChunk[]> => {
  answers = next;
  requested = [];
  const jobs = createHttpJobs({ url: server.url, key: 'key' });
  return Array.fromAsync(jobs.followLog(id, { signal, ...(from === undefined ? {} : { from }) }));
};

test('reads all parts at once, and ends with the job', async () => {
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

test('begins at an offset, and polls while the log does not grow', async () => {
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

test('resumes after a fault', async () => {
  const chunks = await follow([
    { text: 'one', offset: 3, bytes: 6, ended: false },
    503,
    { text: 'two', offset: 6, bytes: 6, ended: true },
  ]);
  expect(chunks.map(({ text }) => text)).toEqual(['one', 'two']);
  expect(requested).toEqual(['0', '3', '3']);
});

test('reports an unknown job and an orchestrator that fails at first', async () => {
  await expect(follow([404])).rejects.toMatchObject({ name: OrchestratorError.name, status: 404 });
  await expect(follow([503])).rejects.toMatchObject({ status: 503 });
  expect(requested).toHaveLength(1);
  await expect(follow([{ text: '', offset: 0, bytes: 0, ended: false }, 404])).rejects.toMatchObject({
    status: 404,
  });
});

test('ends without an error when it is aborted', async () => {
  const abort = new AbortController();
  const jobs = createHttpJobs({ url: server.url, key: 'key' });
  answers = [{ text: 'one', offset: 3, bytes: 3, ended: false }];
  const texts: string[] = [];
  for await (const { text } of jobs.followLog(id, { signal: abort.signal })) {
    texts.push(text);
    abort.abort();
  }
  expect(texts).toEqual(['one']);
  expect(await follow([], { signal: AbortSignal.abort() })).toEqual([]);
});
