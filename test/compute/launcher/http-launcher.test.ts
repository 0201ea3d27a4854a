import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createHttpLauncher } from '../../../compute/launcher/http/http-launcher.ts';
import {
  createProcessLauncher,
  type ProcessLauncher,
} from '../../../compute/launcher/process/process-launcher.ts';
import type { Launcher, LaunchOutcome, RunSpec } from '../../../compute/launcher/port.ts';
import { openStorage, type Blobs } from '../../../compute/storage/open-storage.ts';
import { createJobId } from '../../../contracts/ids.ts';
import { startAzurite, type Azurite } from '../../../local/azurite/azurite.ts';
import { serveLauncher, type ServedLauncher } from '../../../local/compute/serve-launcher.ts';
import { createWebListener, listen } from '../../../runtime/http-server.ts';
import { createLogger } from '../../../runtime/log.ts';
import { startUnreliableProxy, type UnreliableProxy } from '../../fakes/unreliable-proxy.ts';
import { createRunSpec, readExitRecord, waitFor } from '../../fixtures/run-specs.ts';

/* A launcher of processes, called over HTTP through a network that loses answers. */

const log = createLogger('test', 'silent');
const fast = { minMilliseconds: 1, maxMilliseconds: 5 };

let azurite: Azurite;
let blobs: Blobs;
beforeAll(async () => {
  azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log });
  const storage = openStorage(azurite.connectionString);
  await storage.prepare();
  ({ blobs } = storage);
});
afterAll(() => azurite.stop());

let folder: string;
let runners: ProcessLauncher;
let server: ServedLauncher;
let network: UnreliableProxy;
let launcher: Launcher;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'launcher-'));
  // The script may run as another user.
  await chmod(folder, 0o777);
  await writeFile(join(folder, 'starts'), '');
  await chmod(join(folder, 'starts'), 0o666);
  const environment = { COXSWAIN_GRACE_MILLISECONDS: '300' };
  runners = createProcessLauncher({ folder: join(folder, 'runs'), environment, log });
  server = await serveLauncher(runners, log);
  network = await startUnreliableProxy(`BlobEndpoint=${server.url}`);
  launcher = createHttpLauncher({ url: network.rewrite(server.url), key: server.key, backoff: fast });
});
afterEach(async () => {
  await network.close();
  await server.close();
  await runners.close();
  await rm(folder, { recursive: true, maxRetries: 5 });
});

const createSpec = (script: string): Promise<RunSpec> =>
  createRunSpec(blobs, script, { parameters: { starts: join(folder, 'starts') } });
const countStarts = async (): Promise<number> =>
  (await readFile(join(folder, 'starts'), 'utf8')).split('\n').filter(Boolean).length;

test('a runner is launched, inspected and removed', async () => {
  const spec = await createSpec('#!/bin/bash\necho start >> "$starts"\nsleep 600');
  expect((await launcher.inspect(spec.job)).state).toBe('gone');
  expect(await launcher.launch(spec)).toEqual({ kind: 'launched' });
  expect((await launcher.inspect(spec.job)).state).toBe('running');
  await waitFor(async () => (await countStarts()) === 1);
  expect(await launcher.remove(spec.job)).toBe('gone');
  expect((await launcher.inspect(spec.job)).state).toBe('gone');
  expect(await readExitRecord(blobs, spec)).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
});

test('a launch whose answers are lost is repeated, and the script starts once', async () => {
  const spec = await createSpec('#!/bin/bash\necho start >> "$starts"');
  network.loseAnswers(3);
  await launcher.launch(spec);
  await launcher.launch(spec);
  await waitFor(async () => (await launcher.inspect(spec.job)).state === 'ended');
  expect(await countStarts()).toBe(1);
});

test('an unreachable launcher causes an error that contains nothing of the run spec', async () => {
  const spec = await createSpec('#!/bin/bash\necho start >> "$starts"');
  network.down();
  const error = await launcher
    .launch({ ...spec, parameters: { secret: 'hunter2' } })
    .catch((one: unknown) => one);
  expect(error).toMatchObject({
    name: 'LauncherUnavailableError',
    message: 'The launcher did not answer (POST /runners)',
  });
  expect(error).toHaveProperty('cause');
  expect(network.countRefused()).toBe(5);
  await expect(launcher.inspect(spec.job)).rejects.toThrow(`did not answer (GET /runners/${spec.job})`);
  network.up();
  expect((await launcher.inspect(spec.job)).state).toBe('gone');
});

test('a wrong key, and a wrong run spec, are refused without another attempt', async () => {
  const { url } = server;
  const stranger = createHttpLauncher({ url, key: 'another key', backoff: fast });
  await expect(stranger.inspect(createJobId())).rejects.toMatchObject({
    message: expect.stringContaining('answered 401'),
    status: 401,
  });
  const spec = await createSpec('#!/bin/bash');
  const wrong = {
    ...spec,
    links: { ...spec.links, script: 'https://secret.example/?sig=hunter2', exit: 'hunter2' },
  };
  const error = (await launcher.launch(wrong).catch((one: unknown) => one)) as Error;
  expect(error.message).toContain('answered 400 to POST /runners: The run spec is invalid at links.exit');
  expect(error.message).not.toContain('hunter2');
  expect((await launcher.inspect(spec.job)).state).toBe('gone');
  const call = (method: string, path: string) =>
    fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${server.key}` } });
  expect((await call('GET', '/runners/none')).status).toBe(404);
  expect((await call('GET', '/other')).status).toBe(404);
  expect((await call('PUT', `/runners/${spec.job}`)).status).toBe(405);
});

test.each<LaunchOutcome>([
  { kind: 'later', waitingFor: 'a free runner: the limit of 10 is reached', retryAfterSeconds: 17 },
  { kind: 'later', waitingFor: 'a free runner' },
  { kind: 'never', message: 'The image none does not exist. Push it.' },
])('a launch that ends as $kind is asked for once', async (outcome) => {
  let launches = 0;
  const launch = async () => {
    launches += 1;
    return outcome;
  };
  const { url, key, close } = await serveLauncher({ ...runners, launch }, log);
  const spec = await createSpec('#!/bin/bash');
  expect(await createHttpLauncher({ url, key, backoff: fast }).launch(spec)).toEqual(outcome);
  expect(launches).toBe(1);
  await close();
});

test('a removal that takes longer, and the reason of a failure, are passed on', async () => {
  const report = { state: 'pending', message: 'The image cannot be pulled.' } as const;
  const slow = { ...runners, inspect: async () => report, remove: async () => 'later' as const };
  const { url, key, close } = await serveLauncher(slow, log);
  const client = createHttpLauncher({ url, key, backoff: fast });
  expect(await client.inspect(createJobId())).toEqual(report);
  expect(await client.remove(createJobId())).toBe('later');
  await close();
});

test('an answer of an older launcher has no message', async () => {
  const { url, close } = await listen(
    createWebListener(
      () => Promise.resolve(Response.json({ v: 1, state: 'running' })),
      () => {},
    ),
    { what: 'the launcher', port: 0 },
  );
  const client = createHttpLauncher({ url, key: 'key', backoff: fast });
  expect(await client.inspect(createJobId())).toEqual({ state: 'running', message: null });
  await close();
});

test('a launcher that cannot launch gives the reason, and one that is closed is called again', async () => {
  const spec = await createSpec('#!/bin/bash');
  const broken = {
    ...runners,
    launch: () => Promise.reject(new Error('no room: https://x.example/?sig=abc')),
  };
  const { url, key, close } = await serveLauncher(broken, log);
  await expect(createHttpLauncher({ url, key, backoff: fast }).launch(spec)).rejects.toMatchObject({
    message: 'The launcher answered 500 to POST /runners: no room: https://x.example/?sig=[redacted]',
    status: 500,
  });
  await close();
  await runners.close();
  await expect(launcher.launch(spec)).rejects.toMatchObject({
    name: 'LauncherUnavailableError',
    message: 'The launcher answered 503 to POST /runners: The launcher is closed',
  });
});
