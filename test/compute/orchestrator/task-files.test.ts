import { hash } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { exitPath, filePath, filesRecordPath, logPath, startedPath } from '../../../contracts/blob-paths.ts';
import { createJobId, type JobId } from '../../../contracts/ids.ts';
import { TaskList } from '../../../contracts/task-definition.ts';
import { maxFilesRecordBytes, type FilesRecord } from '../../../contracts/task-files.ts';
import type { Launcher, RunSpec } from '../../../compute/launcher/port.ts';
import { createProcessLauncher } from '../../../compute/launcher/process/process-launcher.ts';
import type { DurableClient, InstanceStatus } from '../../../compute/orchestrator/durable.ts';
import { listJobPage } from '../../../compute/orchestrator/view/job-page.ts';
import { openStorage } from '../../../compute/storage/open-storage.ts';
import {
  log,
  openOrchestratorFixture,
  openTestOrchestrator,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';

const wrongOutputs = [0, 1.5, 101];
let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
  const { blobs } = fixture.storage;
  const task = {
    dockerImage: 'image',
    scriptName: 'make.sh',
    scriptParameters: [{ parameterName: 'pass', secret: true }],
  };
  const script = [
    '#!/bin/sh',
    'cd "$COXSWAIN_OUTPUT_DIR"',
    'printf "name,pass\\nmona,%s\\n" "$pass" > users.csv',
    'printf "%s" "<script>alert(1)</script>" > page.html',
    'echo "# Users of $pass" > summary.md',
    'printf PNG > chart.png; echo plain > notes.txt; mkdir more',
  ];
  await blobs.put('tasks/make.sh', `${script.join('\n')}\n`);
  await blobs.put('tasks/Make.json', JSON.stringify({ taskName: 'Make', ...task }));
  await blobs.put('tasks/Many.json', JSON.stringify({ taskName: 'Many', ...task, outputs: 100 }));
  for (const [at, outputs] of wrongOutputs.entries())
    await blobs.put(`tasks/Wrong-${at}.json`, JSON.stringify({ taskName: `Wrong-${at}`, ...task, outputs }));
});
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

const startTask = async (platform: TestOrchestrator, taskName = 'Make'): Promise<JobId> => {
  const jobId = createJobId();
  const parameters = [{ name: 'pass', value: 'hunter22' }];
  const answer = await platform.call('POST', 'tasks', { jobId, taskName, parameters });
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
  return jobId;
};

/** Creates a launcher whose runner writes these files, with the job's id instead of `JOB`, and exits. */
const createLauncher = (record: string | undefined) => {
  const specs: RunSpec[] = [];
  const launcher: Launcher = {
    launch: async (spec) => {
      specs.push(spec);
      const { blobs } = fixture.storage;
      const { job } = spec;
      await blobs.put(startedPath(job), '');
      await blobs.put(logPath(job), 'done\n');
      await blobs.put(filePath(job, 0), 'one');
      if (record !== undefined) await blobs.put(filesRecordPath(job), record.replace('JOB', job));
      const exit = {
        v: 1,
        job,
        exitCode: 0,
        signal: null,
        timedOut: false,
        startedAt: 'then',
        endedAt: 'now',
      };
      await blobs.put(exitPath(job), JSON.stringify(exit));
      return { kind: 'launched' };
    },
    inspect: async () => ({ state: 'ended', message: null }),
    remove: async () => 'gone',
  };
  return { launcher, specs };
};

const createRecord = (fields: Partial<FilesRecord> = {}): FilesRecord => ({
  v: 1,
  job: 'JOB',
  files: [{ name: 'a.txt', bytes: 3, type: 'text/plain', sha256: hash('sha256', 'one') }],
  omitted: [],
  omittedCount: 0,
  summary: null,
  tables: [],
  ...fields,
});

test('the files of a task are in its job, with links that determine how a browser treats them', async () => {
  const launcher = createProcessLauncher({ folder: join(fixture.folder, 'runs'), log });
  fixture.releases.push(() => launcher.close());
  const platform = await openTestOrchestrator(fixture, { launcher });
  const job = await startTask(platform);
  const { files, state } = await platform.ended(job);
  expect(state).toBe('completed');
  expect(files).toMatchObject({
    omitted: [{ name: 'more', bytes: null, reason: 'not-a-file' }],
    omittedCount: 1,
    summary: '# Users of [redacted]\n',
    tables: [
      { name: 'users.csv', header: ['name', 'pass'], rows: [['mona', '[redacted]']], truncated: false },
    ],
  });
  const answers = await Promise.all(
    (files?.delivered ?? []).map(async ({ name, path, type, url, bytes, sha256 }, at) => {
      expect(path).toBe(filePath(job, at));
      const answer = await fetch(url);
      const body = await answer.text();
      expect([body.length, hash('sha256', body)]).toEqual([bytes, sha256]);
      expect(answer.headers.get('content-type')).toBe(type);
      return [name, type, answer.headers.get('content-disposition')];
    }),
  );
  expect(answers).toEqual([
    ['summary.md', 'text/markdown; charset=utf-8', 'attachment; filename="summary.md"'],
    ['chart.png', 'image/png', 'inline; filename="chart.png"'],
    ['notes.txt', 'text/plain; charset=utf-8', 'inline; filename="notes.txt"'],
    ['page.html', 'text/html; charset=utf-8', 'attachment; filename="page.html"'],
    ['users.csv', 'text/csv; charset=utf-8', 'inline; filename="users.csv"'],
  ]);
  expect(await platform.view(job)).toMatchObject({
    files: { delivered: [{ name: 'summary.md' }, {}, {}, {}, {}] },
  });
});

test('a changed disposition makes a link invalid', async () => {
  const { launcher } = createLauncher(
    JSON.stringify(createRecord({ files: [{ ...createRecord().files[0]!, name: 'a.html' }] })),
  );
  const platform = await openTestOrchestrator(fixture, { launcher });
  const { files } = await platform.ended(await startTask(platform));
  const url = files!.delivered[0]!.url;
  expect((await fetch(url)).status).toBe(200);
  expect((await fetch(url.replace('attachment', 'inline'))).status).toBe(403);
});

test.each<[string, string | undefined]>([
  ['is missing', undefined],
  ['is not JSON', '{'],
  ['is of another job', JSON.stringify(createRecord({ job: `job-${'0'.repeat(32)}` }))],
  ['is of a later version', JSON.stringify({ ...createRecord(), v: 2 })],
  [
    'has a name with a path',
    JSON.stringify(createRecord({ files: [{ ...createRecord().files[0]!, name: '../a.txt' }] })),
  ],
  [
    'has an unknown reason',
    JSON.stringify({ ...createRecord(), omitted: [{ name: 'a', bytes: 1, reason: 'other' }] }),
  ],
  [
    'has too many files',
    JSON.stringify(createRecord({ files: Array.from({ length: 101 }, () => createRecord().files[0]!) })),
  ],
  ['is too large', JSON.stringify({ ...createRecord(), more: 'x'.repeat(maxFilesRecordBytes) })],
])('a job whose record of files %s has no files', async (_what, record) => {
  const { launcher } = createLauncher(record);
  const platform = await openTestOrchestrator(fixture, { launcher });
  expect(await platform.ended(await startTask(platform))).toMatchObject({
    state: 'completed',
    files: null,
    result: { exitCode: 0, logTail: 'done\n' },
  });
});

test('the definition limits the files of a task, and the order has links to single blobs that can only create them', async () => {
  const { launcher, specs } = createLauncher(JSON.stringify(createRecord()));
  const platform = await openTestOrchestrator(fixture, { launcher });
  await platform.ended(await startTask(platform));
  const many = await startTask(platform, 'Many');
  await platform.ended(many);
  expect(specs.map(({ links }) => links.files?.files.length)).toEqual([20, 100]);
  const links = specs[1]!.links.files!;
  const urls = [links.record, ...links.files].map((link) => new URL(link));
  expect(new Set(urls.map(({ pathname }) => pathname)).size).toBe(101);
  for (const { pathname, searchParams } of urls) {
    expect(pathname).toMatch(new RegExp(`/run/${many}/files(\\.json|/\\d\\d)$`));
    expect([searchParams.get('sr'), searchParams.get('sp')]).toEqual(['b', 'c']);
  }
  const put = { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body: 'other' };
  // The fake runner has written this one.
  expect((await fetch(links.files[0]!, put)).status).toBe(403);
  expect((await fetch(links.files[1]!, put)).status).toBe(201);
  expect((await fetch(links.files[1]!)).status).toBe(403);
});

test('an order with 100 links fits into one environment variable', async () => {
  const { launcher, specs } = createLauncher(undefined);
  // The longest name of an account, and the endpoint of Azure's cloud in China.
  const key = Buffer.alloc(64, 0xff).toString('base64');
  const { blobs } = openStorage(
    `DefaultEndpointsProtocol=https;AccountName=${'a'.repeat(24)};AccountKey=${key};EndpointSuffix=core.chinacloudapi.cn`,
  );
  const platform = await openTestOrchestrator(fixture, {
    launcher,
    storage: {
      ...fixture.storage,
      blobs: { ...fixture.storage.blobs, signCreateLink: (...link) => blobs.signCreateLink(...link) },
    },
  });
  await platform.ended(await startTask(platform, 'Many'));
  const order = JSON.stringify(specs[0]);
  expect(specs[0]?.links.files?.files[99]).toMatch(
    /^https:\/\/a{24}\.blob\.core\.chinacloudapi\.cn\/run\/job-\w+\/files\/99\?/,
  );
  // MAX_ARG_STRLEN of Linux, with the name of the variable. Half of it remains for the values of parameters.
  expect(Buffer.byteLength(order)).toBeLessThan(131_072 / 2);
});

test('a definition with another number of outputs is not valid', async () => {
  const platform = await openTestOrchestrator(fixture);
  const { body } = await platform.call('GET', 'tasks');
  const { tasks, invalid } = v.parse(TaskList, body);
  expect(tasks.map(({ taskName, outputs }) => [taskName, outputs])).toEqual([
    ['Make', undefined],
    ['Many', 100],
  ]);
  expect(invalid).toEqual(
    wrongOutputs.map((received, at) => ({
      name: `Wrong-${at}`,
      message: expect.stringContaining(`outputs: expected an integer from 1 to 100, received ${received}`),
    })),
  );
});

test('a purged job leaves no files', async () => {
  const { launcher } = createLauncher(JSON.stringify(createRecord()));
  const platform = await openTestOrchestrator(fixture, { launcher, retentionDays: 0 });
  const job = await startTask(platform);
  await platform.ended(job);
  await platform.runChore('purge-jobs');
  const left: string[] = [];
  for await (const { path } of fixture.storage.blobs.list(`run/${job}/`)) left.push(path);
  expect(left).toEqual([]);
});

test('a page of jobs with many files ends early, and stays small enough for a poll', async () => {
  const files = Array.from({ length: 100 }, (_, at) => ({
    name: `measurements-of-a-day-${at}.csv`,
    bytes: 1_048_576,
    type: 'text/csv; charset=utf-8',
    sha256: hash('sha256', String(at)),
  }));
  const { v: _version, job: _job, ...stored } = createRecord({ files });
  const at = new Date().toISOString();
  const output = { v: 1, state: 'completed', reason: null, message: null, counts: null, result: null };
  const end = {
    ...output,
    failures: [],
    endedBy: null,
    startedAt: at,
    endedAt: at,
    links: [],
    files: stored,
  };
  const request = { taskName: 'Make', parameters: [], origin: {} };
  const toInstance = (): InstanceStatus => ({
    name: 'TaskOrchestrator',
    instanceId: createJobId(),
    runtimeStatus: 'Completed',
    input: { v: 1, kind: 'task', acceptedAt: at, request, secrets: [] },
    customStatus: null,
    output: end,
    createdTime: at,
    lastUpdatedTime: at,
  });
  const list: DurableClient['list'] = async ({ top = 0 }) => ({
    instances: Array.from({ length: top }, toInstance),
    continuation: 'more',
  });
  const page = await listJobPage(
    { list } as DurableClient,
    { top: 500 },
    {
      blobs: fixture.storage.blobs,
      linkSeconds: 600,
      workers: () => null,
      caller: { kind: 'platform' },
    },
  );
  expect(page.jobs).toHaveLength(100);
  expect(page.continue).toBe('more');
  expect(page.jobs[99]?.files?.delivered).toHaveLength(100);
  expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(8_000_000);
});
