import { hash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { TaskList } from '../../../contracts/task-definition.ts';
import { createJobId } from '../../../contracts/ids.ts';
import { startedPath } from '../../../contracts/blob-paths.ts';
import type { Launcher, LaunchOutcome, RunSpec } from '../../../compute/launcher/port.ts';
import type { LaunchResult, launchRunner } from '../../../compute/orchestrator/activities/launch-runner.ts';
import { putCancellationMarker } from '../../../compute/orchestrator/job/cancellation-marker.ts';
import type { Storage } from '../../../compute/storage/open-storage.ts';
import * as v from 'valibot';
import {
  noLauncher,
  openOrchestratorFixture,
  openTestOrchestrator,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
});
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

const put = (name: string, text: string) => fixture.storage.blobs.put(`tasks/${name}`, text);
const define = (taskName: string, more: object = {}) =>
  put(`${taskName}.json`, JSON.stringify({ taskName, dockerImage: 'image', scriptName: 'pin.sh', ...more }));

const tasksOf = async (platform: TestOrchestrator) =>
  v.parse(TaskList, (await platform.call('GET', 'tasks')).body).tasks;
const digestsOf = async (platform: TestOrchestrator, name: string) =>
  (await tasksOf(platform)).find(({ taskName }) => taskName === name)?.digests;

test('the list contains digests, and reads only changed blobs', async () => {
  await define('Pinned');
  await define('Bare', { scriptName: 'none.sh' });
  await put('pin.sh', '#!/bin/sh\n');
  const blobs = Object.create(fixture.storage.blobs) as Storage['blobs'];
  const read: string[] = [];
  blobs.get = (path) => {
    read.push(path);
    return fixture.storage.blobs.get(path);
  };
  const platform = await openTestOrchestrator(fixture, { storage: { ...fixture.storage, blobs } });
  const definition = await fixture.storage.blobs.get('tasks/Pinned.json');
  expect(await digestsOf(platform, 'Pinned')).toEqual({
    definition: hash('sha256', definition ?? Buffer.alloc(0)),
    script: hash('sha256', Buffer.from('#!/bin/sh\n')),
  });
  expect(await digestsOf(platform, 'Bare')).toMatchObject({ script: null });
  expect(read.toSorted()).toEqual(['tasks/Bare.json', 'tasks/Pinned.json', 'tasks/pin.sh']);

  read.length = 0;
  await put('pin.sh', '#!/bin/sh\necho\n');
  expect(await digestsOf(platform, 'Pinned')).toMatchObject({
    script: hash('sha256', Buffer.from('#!/bin/sh\necho\n')),
  });
  await fixture.storage.blobs.delete(['tasks/Bare.json']);
  expect(await digestsOf(platform, 'Bare')).toBeUndefined();
  expect(read).toEqual(['tasks/pin.sh']);
});

const recordLaunch = (orders: RunSpec[], order: RunSpec): LaunchOutcome => {
  orders.push(order);
  return { kind: 'launched' };
};

test('a request starts only the definition and script it is pinned to', async () => {
  await define('Pinned');
  await put('pin.sh', '#!/bin/sh\n');
  const orders: RunSpec[] = [];
  const launcher: Launcher = { ...noLauncher, launch: async (order) => recordLaunch(orders, order) };
  const platform = await openTestOrchestrator(fixture, { launcher });
  const pin = await digestsOf(platform, 'Pinned');
  const start = (more: object = {}) => platform.call('POST', 'tasks', { taskName: 'Pinned', pin, ...more });
  const changed = { status: 400, body: { error: { code: 'definition-changed', field: 'pin' } } };

  const { status, body } = await start();
  expect(status).toBe(202);
  await platform.ended(String(body['id']));
  expect(orders).toMatchObject([{ sha256: pin?.script }]);
  expect(await start({ pin: { ...pin, script: null } })).toMatchObject(changed);
  expect(await start({ pin: { ...pin, definition: '0'.repeat(64) } })).toMatchObject(changed);
  expect(await start({ pin: { definition: 'x', script: null } })).toMatchObject({ status: 400 });
  expect(await start({ jobId: body['id'], pin: undefined })).toMatchObject({ status: 200 });

  await put('pin.sh', '#!/bin/sh\nrm -r /\n');
  expect(await start()).toMatchObject(changed);
  await put('pin.sh', '#!/bin/sh\n');
  await define('Pinned', { dockerImage: 'another' });
  expect(await start()).toMatchObject(changed);
  expect(await start({ pin: undefined })).toMatchObject({ status: 202 });
  expect(await start({ jobId: body['id'] })).toMatchObject({ status: 200 });
});

test('the pin is checked again before the launch, unless the script has started', async () => {
  const sha256 = hash('sha256', Buffer.from('other'));
  await define('Late', { timeoutSeconds: 9, sha256 });
  await put('pin.sh', '#!/bin/sh\n');
  const orders: RunSpec[] = [];
  const removed: string[] = [];
  const launcher: Launcher = {
    ...noLauncher,
    launch: async (order) => recordLaunch(orders, order),
    remove: async (job) => {
      removed.push(job);
      return 'gone';
    },
  };
  const platform = await openTestOrchestrator(fixture, { launcher });
  const pin = await digestsOf(platform, 'Late');
  const launch = platform.app.registry.activities['LaunchRunner'] as ReturnType<typeof launchRunner>;
  const launchAs = (job: string): Promise<LaunchResult> =>
    launch({ job, request: { taskName: 'Late', parameters: [], origin: {}, pin } });

  expect(await launchAs(createJobId())).toEqual({ timeoutSeconds: 9 });
  // The pin does not override the digest in the definition.
  expect(orders).toMatchObject([{ sha256 }]);
  await put('pin.sh', '#!/bin/sh\nrm -r /\n');
  const job = createJobId();
  expect(await launchAs(job)).toEqual({
    reason: 'definition-invalid',
    message: 'the definition or the script changed after the request',
  });
  expect(removed).toEqual([job]);
  await fixture.storage.blobs.putOnce(startedPath(job), '');
  expect(await launchAs(job)).toEqual({ timeoutSeconds: 9 });
  expect(orders).toHaveLength(1);
});

test.each(['before', 'while'])('a job that ended %s its runner was launched has no runner', async (when) => {
  await define('Ended');
  await put('pin.sh', '#!/bin/sh\n');
  const job = createJobId();
  const calls: string[] = [];
  const stop = { reason: 'terminated', by: null } as const;
  const mark = () => putCancellationMarker(fixture.storage.blobs, job, stop);
  const launcher: Launcher = {
    ...noLauncher,
    launch: async () => {
      calls.push('launch');
      await mark();
      return { kind: 'launched' };
    },
    remove: async () => {
      calls.push('remove');
      return 'gone';
    },
  };
  const platform = await openTestOrchestrator(fixture, { launcher });
  if (when === 'before') await mark();
  const launch = platform.app.registry.activities['LaunchRunner'] as ReturnType<typeof launchRunner>;
  const request = { taskName: 'Ended', parameters: [], origin: {} };
  expect(await launch({ job, request })).toEqual({ stop });
  // A runner that an earlier attempt launched is removed, too.
  expect(calls).toEqual(when === 'before' ? ['remove'] : ['launch', 'remove']);
});
