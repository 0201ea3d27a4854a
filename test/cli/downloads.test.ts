import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { runCoxswain } from '../fixtures/cli-process.ts';
import { createDataFolders } from '../fixtures/data-folders.ts';
import { jobId, taskJob } from '../fixtures/jobs.ts';

/* `coxswain files --download` from a storage that fails, and into a folder that is in use. */

const folder = createDataFolders();
const content = 'a,b\n1,2\n';
let sendFile: (response: ServerResponse) => void;
let requests: string[] = [];
const server = createServer((request, response) => {
  requests.push(request.url ?? '');
  if (request.url === '/a.csv') return sendFile(response);
  response.end(JSON.stringify(request.url?.startsWith('/api/jobs?') ? page() : job()));
});
const getUrl = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const job = () =>
  taskJob({
    files: {
      delivered: [
        {
          name: 'a.csv',
          path: `run/${jobId('b')}/files/00`,
          bytes: content.length,
          type: 'text/csv',
          sha256: hash('sha256', content),
          url: `${getUrl()}/a.csv`,
        },
      ],
      omitted: [],
      omittedCount: 0,
      summary: null,
      tables: [],
    },
  });
const page = () => ({ v: 1, now: '2026-03-01T12:00:00Z', jobs: [job()], continue: null });

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  requests = [];
  sendFile = (response) => void response.end(content);
});

const download = (target: string, ...args: string[]) =>
  runCoxswain(['files', jobId('b'), '--orchestrator', getUrl(), '--download', target, ...args], {
    environment: { COXSWAIN_KEY: 'key' },
  });

test.each<[string, (response: ServerResponse) => void, string]>([
  [
    'breaks off',
    (response) => {
      response.writeHead(200, { 'content-length': content.length }).write('a,b');
      setTimeout(() => response.destroy(), 50);
    },
    'Cannot download a.csv: the connection broke off.\n',
  ],
  [
    'has other content',
    (response) => void response.end('a,b\n1,3\n'),
    'Cannot download a.csv: its content has changed since it was delivered.\n',
  ],
  [
    'does not end',
    (response) => {
      const timer = setInterval(() => response.write(Buffer.alloc(1024)), 5);
      response.once('close', () => clearInterval(timer));
    },
    'Cannot download a.csv: its content has changed since it was delivered.\n',
  ],
  [
    'is refused',
    (response) => void response.writeHead(403).end(),
    'Cannot download a.csv: the storage responded with 403.\n',
  ],
])('a download that %s leaves no file, and is explained in one line', async (_what, send, says) => {
  sendFile = send;
  const target = folder();
  const { code, stdout, stderr } = await download(target);
  expect([code, stdout, stderr]).toEqual([5, '', says]);
  expect(readdirSync(target)).toEqual([]);
});

test('a download follows no link in its folder, and removes what an interrupted one left', async () => {
  const target = folder();
  const outside = join(folder(), 'outside');
  writeFileSync(outside, 'precious');
  symlinkSync(outside, join(target, '.a.csv.part'));
  symlinkSync(outside, join(target, 'a.csv'));
  expect((await download(target)).code).toBe(2);
  expect((await download(target, '--force')).code).toBe(0);
  expect(readFileSync(outside, 'utf8')).toBe('precious');
  expect(readFileSync(join(target, 'a.csv'), 'utf8')).toBe(content);
  expect(readdirSync(target)).toEqual(['a.csv']);
});

test('a name that exists and is no file is not replaced, not even a link without a target', async () => {
  const [taken, dangling] = [folder(), folder()];
  mkdirSync(join(taken, 'a.csv'));
  symlinkSync('/nowhere/at/all', join(dangling, 'a.csv'));
  const { code, stderr } = await download(taken, '--force');
  expect([code, stderr]).toEqual([1, `Cannot write ${join(taken, 'a.csv')} (EISDIR).\n`]);
  expect(readdirSync(taken)).toEqual(['a.csv']);
  const other = await download(dangling);
  expect([other.code, other.stderr]).toEqual([
    2,
    expect.stringContaining('already exists. To replace files'),
  ]);
});

test('a job is found by eight digits of its id without reading all jobs', async () => {
  const run = (digits: string) =>
    runCoxswain(['files', digits, '--orchestrator', getUrl()], { environment: { COXSWAIN_KEY: 'key' } });
  await run('bbbbbbbb');
  await run('bbbb');
  expect(requests).toEqual(['/api/jobs?top=500&idPrefix=job-bbbbbbbb', '/api/jobs?top=500']);
});
