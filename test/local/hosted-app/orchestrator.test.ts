import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Jobs, Locks } from '../../../compute/client/index.ts';
import { createJobId } from '../../../contracts/ids.ts';
import { openHostedCompute, type HostedCompute } from '../../fixtures/hosted-compute.ts';
import { waitUntil } from '../../fixtures/local-platform.ts';

/* The package that Azure runs, in the stand-in for the Functions host: workers, storage, queues and runners are real. */

const mona = { id: '7', name: 'mona' };
const lisa = { id: '8', name: 'lisa' };

let hosted: HostedCompute;
let jobs: Jobs;
let locks: Locks;
beforeAll(async () => {
  hosted = await openHostedCompute();
  ({ jobs, locks } = hosted);
});
afterAll(() => hosted.close());

test('runs a compute job, and starts it once', async () => {
  const jobId = createJobId();
  const request = { kind: 'compute', inputCount: 120, jobId } as const;
  const started = await Promise.all([jobs.start(request), jobs.start(request), jobs.start(request)]);
  expect(started.map(({ outcome }) => outcome).toSorted()).toEqual(['known', 'known', 'started']);
  const job = await hosted.waitForEnd(jobId);
  expect(job).toMatchObject({
    state: 'completed',
    // As on Azure, nobody knows the number of workers.
    progress: { done: 120, failed: 0, total: 120, workers: null },
  });
  const outputs = await (await fetch(job.links?.outputs?.url ?? '')).text();
  expect(outputs.trim().split('\n')).toHaveLength(120);
});

test('runs a task through the launcher, and streams its log', async () => {
  const id = await hosted.start({
    kind: 'task',
    taskName: 'Countdown',
    parameters: [{ name: 'seconds', value: '2' }],
  });
  let log = '';
  for await (const chunk of jobs.followLog(id, { signal: new AbortController().signal })) log += chunk.text;
  expect(log).toBe('2\n1\nDone.\n');
  expect(await hosted.waitForEnd(id)).toMatchObject({ state: 'completed', result: { exitCode: 0 } });
});

test('waits for an approval, and for a lock that a person holds', async () => {
  const lock = { scope: 'github.com/1', key: 'vm/web-1' };
  expect(await locks.take({ ...lock, by: mona, reason: null })).toMatchObject({ outcome: 'taken' });
  const code = 'k3x9q0aa7b';
  const id = await hosted.start({
    kind: 'task',
    taskName: 'Hello',
    parameters: [{ name: 'who', value: 'mona' }],
    conditions: {
      approval: { code, expiresSeconds: 3_600, requester: mona },
      locks: [lock],
    } as never,
  });
  await hosted.waitForJob(id, 'the approval', ({ waiting }) => waiting?.for === 'approval');
  expect(await jobs.approve(id, { by: mona, code })).toEqual({ outcome: 'own-request' });
  expect(await jobs.approve(id, { by: lisa, code })).toEqual({ outcome: 'counted', missing: 0 });
  await hosted.waitForJob(id, 'the lock', ({ waiting }) => waiting?.for === 'lock');
  expect(await locks.release({ ...lock, by: mona, force: false })).toEqual({ outcome: 'released' });
  expect(await hosted.waitForEnd(id)).toMatchObject({ state: 'completed', result: { exitCode: 0 } });
  expect(await locks.list(lock.scope)).toEqual([]);
});

test('a job continues after its host is killed', async () => {
  const id = await hosted.start({ kind: 'compute', inputCount: 600, blockSize: 2 });
  await hosted.waitForJob(id, 'some outputs', ({ progress }) => (progress?.done ?? 0) > 0);
  const getHost = () => hosted.compute.children().find(({ name }) => name === 'orchestrator')?.pid ?? 0;
  const killed = getHost();
  process.kill(killed, 'SIGKILL');
  await waitUntil('the next host', async () => getHost() !== killed);
  const job = await waitUntil('the end of the job', async () => {
    const found = await jobs.get(id).catch(() => undefined);
    return found && found.endedAt !== null && found;
  });
  expect(job).toMatchObject({ state: 'completed', progress: { done: 300, failed: 0, total: 300 } });
});
