import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startedPath } from '../../../contracts/blob-paths.ts';
import type { RunSpec } from '../../../compute/launcher/port.ts';
import {
  createProcessLauncher,
  type ProcessLauncher,
} from '../../../compute/launcher/process/process-launcher.ts';
import { startAzurite, type Azurite } from '../../../local/azurite/azurite.ts';
import { openStorage, type Blobs } from '../../../compute/storage/open-storage.ts';
import { getSharedLockPath, DataDirInUseError, lockDataDir } from '../../../runtime/data-dir-lock.ts';
import { createLogger } from '../../../runtime/log.ts';
import { waitFor, readExitRecord, isProcessAlive, createRunSpec } from '../../fixtures/run-specs.ts';

const log = createLogger('test', 'silent');
const platform = fileURLToPath(new URL('../../fixtures/launcher-process.ts', import.meta.url));

/** Notes each start in the file `notes`, with its pid and that of a child of its own; then works for ever. */
const endless = '#!/bin/bash\nsleep 600 &\necho "$$ $!" >> "$notes"\nwait';

describe('the process launcher', () => {
  let azurite: Azurite;
  let blobs: Blobs;
  let folder: string;
  const launchers: ProcessLauncher[] = [];
  const platforms: ChildProcess[] = [];

  beforeAll(async () => {
    azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log });
    const storage = openStorage(azurite.connectionString);
    await storage.prepare();
    ({ blobs } = storage);
  });
  afterAll(() => azurite.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'launcher-'));
    // Scripts, each of which may run as another user, leave notes in it: a second start must be able to add to those of the first.
    await chmod(folder, 0o777);
    await writeFile(join(folder, 'notes'), '');
    await chmod(join(folder, 'notes'), 0o666);
  });
  afterEach(async () => {
    platforms.splice(0).forEach((child) => child.kill('SIGKILL'));
    await Promise.all(launchers.splice(0).map((launcher) => launcher.close()));
    await rm(folder, { recursive: true, maxRetries: 5 });
  });

  const open = (more: { dataDirLock?: string; retentionDays?: number } = {}): ProcessLauncher => {
    const environment = { COXSWAIN_GRACE_MILLISECONDS: '300' };
    const launcher = createProcessLauncher({ folder: join(folder, 'runs'), environment, log, ...more });
    launchers.push(launcher);
    return launcher;
  };
  const orderOf = (script: string): Promise<RunSpec> =>
    createRunSpec(blobs, script, { parameters: { notes: join(folder, 'notes') } });
  /** The pids that the script has noted, a start a line. */
  const starts = async (): Promise<number[][]> => {
    const notes = await readFile(join(folder, 'notes'), 'utf8');
    return notes
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ').map(Number));
  };
  const firstStart = () => waitFor(async () => (await starts())[0]);
  const noneLives = (pids: number[]) =>
    waitFor(async () => !(await Promise.all(pids.map(isProcessAlive))).includes(true));
  /** A platform in a process of its own has launched the order. */
  const launchedElsewhere = async (order: RunSpec): Promise<{ child: ChildProcess; runner: number }> => {
    await writeFile(join(folder, 'order'), JSON.stringify(order));
    const child = spawn(process.execPath, [platform, join(folder, 'runs'), join(folder, 'order')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    platforms.push(child);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, runner: (JSON.parse(line.toString()) as number[])[0]! };
  };
  const killed = async (child: ChildProcess): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  test('launches a job once, however often it is requested', async () => {
    const launcher = open();
    const order = await orderOf('#!/bin/sh\necho "$$" >> "$notes"');
    expect((await launcher.inspect(order.job)).state).toBe('gone');
    const launches = Array.from({ length: 5 }, () => launcher.launch(order));
    expect((await launcher.inspect(order.job)).state).toBe('pending');
    await Promise.all(launches);
    expect((await launcher.inspect(order.job)).state).toBe('running');
    expect(launcher.children()).toEqual([{ name: 'runner', pid: expect.any(Number) }]);
    await waitFor(async () => (await launcher.inspect(order.job)).state === 'ended');
    await launcher.launch(order);
    expect((await launcher.inspect(order.job)).state).toBe('ended');
    expect(launcher.children()).toEqual([]);
    expect(await starts()).toHaveLength(1);
  });

  test('removes a runner with its script and all processes that it started', async () => {
    const launcher = open();
    const order = await orderOf(endless);
    await launcher.launch(order);
    const pids = await firstStart();
    await launcher.remove(order.job);
    await noneLives(pids);
    expect((await launcher.inspect(order.job)).state).toBe('gone');
    expect(await readExitRecord(blobs, order)).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
    await launcher.remove(order.job);
  });

  test('stops all runners when it closes, and launches no others', async () => {
    const launcher = open();
    const order = await orderOf(endless);
    const launch = launcher.launch(order);
    await launcher.close();
    await launch;
    expect(launcher.children()).toEqual([]);
    await noneLives((await starts()).flat());
    await expect(launcher.launch(await orderOf(endless))).rejects.toThrow('closed');
  });

  test('kills the script of a runner that was killed', async () => {
    const launcher = open();
    const order = await orderOf(endless);
    await launcher.launch(order);
    const pids = await firstStart();
    launcher.children().forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
    await waitFor(async () => (await launcher.inspect(order.job)).state === 'ended');
    await noneLives(pids);
    expect(await readExitRecord(blobs, order)).toBeUndefined();
  });

  test('a runner whose launcher is killed ends its script, and itself', async () => {
    const order = await orderOf(endless);
    const { child, runner } = await launchedElsewhere(order);
    const pids = await firstStart();
    await killed(child);
    await noneLives([...pids, runner]);
    expect(await readExitRecord(blobs, order)).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
  });

  test('when both are killed, the next launcher kills the remaining processes, and does not run the script again', async () => {
    const order = await orderOf(endless);
    const { child, runner } = await launchedElsewhere(order);
    const pids = await firstStart();
    process.kill(runner, 'SIGKILL');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const launcher = open();
    await noneLives([...pids, runner]);
    await launcher.launch(order);
    expect((await launcher.inspect(order.job)).state).toBe('gone');
    await launcher.remove(order.job);
    expect(await starts()).toHaveLength(1);
  });

  test.each([0, 40, 120, 200, 300])(
    'a launcher killed %i ms after a launch: the script has run at most once',
    async (wait) => {
      const order = await orderOf(endless);
      const { child, runner } = await launchedElsewhere(order);
      await new Promise((resolve) => setTimeout(resolve, wait));
      await killed(child);
      const launcher = open();
      await launcher.launch(order);
      expect((await launcher.inspect(order.job)).state).toBe('gone');
      await noneLives([runner, ...(await starts()).flat()]);
      const claimed = await blobs.exists(startedPath(order.job));
      expect((await starts()).length).toBeLessThanOrEqual(claimed ? 1 : 0);
    },
  );

  test('its runners lock the data folder until they have ended', async () => {
    const launcher = open({ dataDirLock: getSharedLockPath(folder) });
    const order = await orderOf(endless);
    await launcher.launch(order);
    await firstStart();
    expect(() => lockDataDir(folder, 50)).toThrow(DataDirInUseError);
    await launcher.remove(order.job);
    lockDataDir(folder, 50).release();
  });

  test('removes the record of a job after the retention', async () => {
    const order = await orderOf('#!/bin/sh\n:');
    const first = open();
    await first.launch(order);
    await waitFor(async () => (await first.inspect(order.job)).state === 'ended');
    const path = join(folder, 'runs', order.job);
    open({ retentionDays: 2 });
    await readFile(join(path, 'launched'));
    const old = new Date(Date.now() - 3 * 86_400_000);
    await utimes(path, old, old);
    open({ retentionDays: 2 });
    await expect(readFile(join(path, 'launched'))).rejects.toThrow('ENOENT');
  });
});
