import { afterEach, expect, test } from '@jest/globals';
import { createBuiltInAlgorithms } from '../../../../compute/algorithms/built-in.ts';
import { createOrchestratorApp } from '../../../../compute/orchestrator/app.ts';
import { defaultTiming } from '../../../../compute/orchestrator/timing.ts';
import { exitPath, startedPath } from '../../../../contracts/blob-paths.ts';
import type { ExitRecord } from '../../../../contracts/exit-record.ts';
import { createJobId, type JobId } from '../../../../contracts/ids.ts';
import { openClockedHost } from '../../../fixtures/clocked-host.ts';
import {
  openContainerInstances,
  startTestStorage,
  type ContainerInstancesFixture,
} from '../../../fixtures/container-instances.ts';
import { platformAuthenticator } from '../../../fixtures/orchestrator/orchestrator-fixture.ts';
import { silentLog } from '../../../fixtures/durable-host.ts';

/*
 * Many tasks at once, with the real orchestration, launcher, SDK and storage. The durable host and the stand-in for Azure share a clock,
 * which moves from one timer to the next. No event reports the end of a script, so the orchestrations find it by polling.
 */

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const scriptMilliseconds = 120_000;

/** Runs the scripts of all containers that start: returns what happens outside of the host at a time. */
const runScripts = ({ azure, containers, storage: { blobs }, ...clock }: ContainerInstancesFixture) => {
  const ends = new Map<JobId, number>();
  let seen = 0;
  const start = async (job: JobId): Promise<void> => {
    await blobs.putOnce(startedPath(job), '');
    ends.set(job, clock.now() + scriptMilliseconds);
  };
  const end = async (job: JobId): Promise<void> => {
    const time = new Date(clock.now()).toISOString();
    const record: ExitRecord = {
      v: 1,
      job,
      exitCode: 0,
      signal: null,
      timedOut: false,
      startedAt: time,
      endedAt: time,
    };
    await blobs.putOnce(exitPath(job), JSON.stringify(record));
    ends.delete(job);
    containers.end(job);
  };
  return async (time: number): Promise<number | undefined> => {
    clock.advance((time - clock.now()) / 1_000);
    const started = containers.starts.slice(seen).map(({ name }) => name);
    seen += started.length;
    await Promise.all(started.map(start));
    const ended = [...ends].flatMap(([job, at]) => (at <= time ? [job] : []));
    await Promise.all(ended.map(end));
    const next = Math.min(azure.refresh() ?? Infinity, ...ends.values());
    return next === Infinity ? undefined : next;
  };
};

const openHost = async (fixture: ContainerInstancesFixture) => {
  const launcher = fixture.createLauncher();
  const { registry } = createOrchestratorApp({
    storage: fixture.storage,
    launcher,
    algorithms: createBuiltInAlgorithms(),
    access: platformAuthenticator,
    workers: () => null,
    flush: async () => {},
    limits: { inputs: 1, inputBytes: 1, blocks: 1, timeoutSeconds: 7_200 },
    retentionDays: 30,
    linkSeconds: 600,
    streams: false,
    tickSeconds: 300,
    log: silentLog,
  });
  const outside = runScripts(fixture);
  const host = await openClockedHost({ ...registry, sessions: 'live', startAt: fixture.now(), outside });
  closers.push(() => host.close());
  return { host, launcher };
};

const toInput = (now: number) => ({
  v: 1,
  kind: 'task',
  revision: 2,
  acceptedAt: new Date(now).toISOString(),
  request: { v: 1, taskName: 'Wait', parameters: [] },
  secrets: [],
  locks: [],
});

test('200 tasks of 2 minutes run within the quotas of one subscription: all are launched, and few calls are refused', async () => {
  const account = await startTestStorage();
  closers.push(account.close);
  const fixture = await openContainerInstances(account.storage, {
    timing: { accept: 5, pull: 25, delete: 10 },
  });
  closers.push(() => fixture.close());
  const { azure, storage } = fixture;
  const definition = {
    taskName: 'Wait',
    dockerImage: 'runner:1',
    scriptName: 'wait.sh',
    timeoutSeconds: 7_200,
  };
  await storage.blobs.put('tasks/Wait.json', JSON.stringify(definition));
  await storage.blobs.put('tasks/wait.sh', '#!/bin/sh\nsleep 120\n');
  const { host, launcher } = await openHost(fixture);

  const start = fixture.now();
  const jobs = Array.from({ length: 200 }, () => createJobId());
  for (const job of jobs) await host.client.start('TaskOrchestrator', job, toInput(start));
  await host.settle();
  const listOutputs = () => Promise.all(jobs.map(async (job) => (await host.status(job))?.output));
  const isOver = async () => (await listOutputs()).every((output) => output != null);
  while (!(await isOver()) && (await host.toNextTimer()));

  const outputs = (await listOutputs()) as { state: string; startedAt: string }[];
  expect(outputs.filter(({ state }) => state !== 'completed')).toEqual([]);
  expect(fixture.containers.starts.map(({ name }) => name).toSorted()).toEqual(jobs.toSorted());

  const count = (method: string, isRefused = false): number =>
    azure.requests.filter(
      (request) => request.method === method && (!isRefused || (request.status ?? 500) >= 400),
    ).length;
  const createdAt = azure.requests.flatMap(({ method, status, at }) =>
    method === 'PUT' && status === 201 ? [(at - start) / 1_000] : [],
  );
  expect(Math.max(...createdAt)).toBeLessThan(defaultTiming.maxLaunchWait);
  expect(count('PUT', true)).toBeLessThanOrEqual(count('PUT') / 10);
  expect(count('DELETE', true)).toBeLessThanOrEqual(count('DELETE') / 10);
  expect(count('GET') / jobs.length).toBeLessThan(20);

  await host.advance(300_000);
  await launcher.sweep?.(async () => 'ended');
  await host.advance(60_000);
  expect(azure.groups()).toEqual([]);
}, 240_000);
