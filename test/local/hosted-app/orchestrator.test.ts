import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHttpJobs, type Job, type Jobs, type StartRequest } from '../../../compute/client/index.ts';
import { createHttpLocks, type Locks } from '../../../compute/client/index.ts';
import { CallerSettings } from '../../../compute/orchestrator/auth/settings.ts';
import { createJobId } from '../../../contracts/ids.ts';
import { generateAccountKey } from '../../../local/azurite/azurite.ts';
import { startLocalCompute, type LocalCompute } from '../../../local/compute/start-compute.ts';
import { getSharedLockPath } from '../../../runtime/data-dir-lock.ts';
import { listen } from '../../../runtime/http-server.ts';
import { Releases } from '../../../runtime/lifecycle.ts';
import { createLogger } from '../../../runtime/log.ts';
import { readSettings } from '../../../runtime/settings.ts';
import { writeTestPackage } from '../../fixtures/hosted-orchestrator.ts';
import { waitUntil } from '../../fixtures/local-platform.ts';
import { openPublicAddress } from '../../fixtures/public-address.ts';

/* The package that Azure runs, in the stand-in of the Functions host: workers, storage, queues and runners are real. */

const keys = { function: 'the function key of this test', system: 'the system key of this test' };
const mona = { id: '7', name: 'mona' };
const lisa = { id: '8', name: 'lisa' };

const releases = new Releases();
let compute: LocalCompute;
let jobs: Jobs;
let locks: Locks;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hosted-orchestrator-'));
  releases.add('the folder', () => rm(folder, { recursive: true, maxRetries: 5 }));
  await mkdir(join(folder, 'locks'));
  const app = await writeTestPackage();
  releases.add('the package', app.remove);
  const address = await openPublicAddress();
  releases.add('the public address', address.close);
  compute = await startLocalCompute({
    folder,
    ports: { orchestrator: await getFreePort(), blob: 0, queue: 0 },
    keys: { ...keys, storage: generateAccountKey() },
    callers: readSettings(CallerSettings, {}),
    crewLock: getSharedLockPath(folder),
    functionsApp: { file: app.file, publicUrl: address.url },
    releases,
    log: createLogger('test', 'silent'),
  });
  jobs = createHttpJobs({ url: compute.url, key: keys.function });
  locks = createHttpLocks({ url: compute.url, key: keys.function });
});
afterAll(() => releases.end());

const getFreePort = async (): Promise<number> => {
  const server = await listen(() => {}, { what: 'the test', port: 0 });
  await server.close();
  return server.port;
};

const start = async (request: StartRequest): Promise<string> => {
  const started = await jobs.start(request);
  if (!('id' in started)) throw new Error(started.problem.message);
  return started.id;
};
const waitForJob = (id: string, what: string, holds: (job: Job) => boolean): Promise<Job> =>
  waitUntil(what, async () => {
    const job = await jobs.get(id);
    return job && holds(job) && job;
  });
const waitForEnd = (id: string) => waitForJob(id, 'the end of the job', ({ endedAt }) => endedAt !== null);

test('runs a compute job, and starts it once', async () => {
  const jobId = createJobId();
  const request = { kind: 'compute', inputCount: 120, jobId } as const;
  const started = await Promise.all([jobs.start(request), jobs.start(request), jobs.start(request)]);
  expect(started.map(({ outcome }) => outcome).toSorted()).toEqual(['known', 'known', 'started']);
  const job = await waitForEnd(jobId);
  expect(job).toMatchObject({
    state: 'completed',
    // As on Azure, nobody knows the number of workers.
    progress: { done: 120, failed: 0, total: 120, workers: null },
  });
  const outputs = await (await fetch(job.links?.outputs?.url ?? '')).text();
  expect(outputs.trim().split('\n')).toHaveLength(120);
});

test('runs a task through the launcher, and streams its log', async () => {
  const id = await start({
    kind: 'task',
    taskName: 'Countdown',
    parameters: [{ name: 'seconds', value: '2' }],
  });
  let log = '';
  for await (const chunk of jobs.followLog(id, { signal: new AbortController().signal })) log += chunk.text;
  expect(log).toBe('2\n1\nDone.\n');
  expect(await waitForEnd(id)).toMatchObject({ state: 'completed', result: { exitCode: 0 } });
});

test('waits for an approval, and for a lock that a person holds', async () => {
  const lock = { scope: 'github.com/1', key: 'vm/web-1' };
  expect(await locks.take({ ...lock, by: mona, reason: null })).toMatchObject({ outcome: 'taken' });
  const code = 'k3x9q0aa7b';
  const id = await start({
    kind: 'task',
    taskName: 'Hello',
    parameters: [{ name: 'who', value: 'mona' }],
    conditions: {
      approval: { code, expiresSeconds: 3_600, requester: mona },
      locks: [lock],
    } as never,
  });
  await waitForJob(id, 'the approval', ({ waiting }) => waiting?.for === 'approval');
  expect(await jobs.approve(id, { by: mona, code })).toEqual({ outcome: 'own-request' });
  expect(await jobs.approve(id, { by: lisa, code })).toEqual({ outcome: 'counted', missing: 0 });
  await waitForJob(id, 'the lock', ({ waiting }) => waiting?.for === 'lock');
  expect(await locks.release({ ...lock, by: mona, force: false })).toEqual({ outcome: 'released' });
  expect(await waitForEnd(id)).toMatchObject({ state: 'completed', result: { exitCode: 0 } });
  expect(await locks.list(lock.scope)).toEqual([]);
});

test('a job goes on after its host was killed', async () => {
  const id = await start({ kind: 'compute', inputCount: 600, blockSize: 2 });
  await waitForJob(id, 'some outputs', ({ progress }) => (progress?.done ?? 0) > 0);
  const getHost = () => compute.children().find(({ name }) => name === 'orchestrator')?.pid ?? 0;
  const killed = getHost();
  process.kill(killed, 'SIGKILL');
  await waitUntil('the next host', async () => getHost() !== killed);
  const job = await waitUntil('the end of the job', async () => {
    const found = await jobs.get(id).catch(() => undefined);
    return found && found.endedAt !== null && found;
  });
  expect(job).toMatchObject({ state: 'completed', progress: { done: 300, failed: 0, total: 300 } });
});
