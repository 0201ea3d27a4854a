import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createUserPool,
  openProgramWorkspace,
  type ProgramWorkspace,
  type ProgramUsers,
  type UserPool,
} from '../../runtime/program-users.ts';
import { SettingsError } from '../../runtime/settings.ts';
import { parseProcStatus, type ProgramUser } from '../../runtime/program-user.ts';

const asRoot = process.getuid!() === 0 ? test : test.skip;
const python = '/usr/bin/python3';
const withPython = process.getuid!() === 0 && existsSync(python) ? test : test.skip;

let folder: string;
let pool: UserPool;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coxswain-users-'));
  // No other test uses these uids, and no worker chooses them.
  pool = { firstUid: 61_100, maxUsers: 2, maxRounds: 100, lockFolder: join(folder, 'locks') };
});
const places: ProgramWorkspace[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const place of places.splice(0)) await place.close();
  for (const child of children.splice(0)) {
    const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    child.kill('SIGKILL');
    await ended;
  }
  await rm(folder, { recursive: true });
});

const open = async (more: Partial<UserPool> = {}): Promise<ProgramWorkspace> => {
  const place = await openProgramWorkspace(createUserPool({ ...pool, ...more }));
  places.push(place);
  return place;
};

const startAs = (user: ProgramUser | undefined, file: string, ...given: string[]): ChildProcess => {
  const child = spawn(file, given, { ...user, cwd: '/', stdio: 'ignore', detached: true });
  children.push(child);
  return child;
};

const statusOfProcess = (pid: number) => {
  try {
    return parseProcStatus(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return {};
  }
};

withPython('ends a program of which only the main thread has ended', async () => {
  const place = await open();
  const source = `
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(600,)).start()
ctypes.CDLL(None).pthread_exit(None)`;
  const { pid } = startAs(place.user, python, '-c', source);
  while (!statusOfProcess(pid!)['State']?.startsWith('Z'))
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(statusOfProcess(pid!)['Threads']).toBe('2');
  await place.clear();
  expect(statusOfProcess(pid!)['Threads'] ?? '1').toBe('1');
});

asRoot('removes whatever a program left in shared folders, however many long names there are', async () => {
  const place = await open();
  const mark = `left-${process.pid}-`;
  const left = () => readdirSync('/tmp', 'latin1').filter((name) => name.startsWith(mark));
  // Together, they are longer than the arguments of a process can be.
  const script = `
cd /tmp && mkdir ${mark}closed && touch ${mark}closed/file && chmod 0 ${mark}closed && ln -s / ${mark}link
touch "$(printf '${mark}\\377')"
long=$(printf '%0230d' 0)
seq -f "${mark}$long%g" 1 10000 | xargs touch`;
  await once(startAs(place.user, 'sh', '-c', script), 'exit');
  expect(left()).toHaveLength(10_003);
  await place.clear();
  expect(left()).toEqual([]);
});

asRoot('acquires each user once, and none if all are in use', async () => {
  expect([(await open()).user, (await open()).user]).toEqual([
    { uid: 61_100, gid: 61_100 },
    { uid: 61_101, gid: 61_101 },
  ]);
  await expect(open()).rejects.toThrow('All 2 users for programs are in use');
  await places.shift()!.close();
  expect((await open()).user).toEqual({ uid: 61_100, gid: 61_100 });
});

asRoot('does not return a user whose processes it cannot end', async () => {
  const left = startAs({ uid: 61_100, gid: 61_100 }, 'sleep', '600');
  await once(left, 'spawn');
  await expect(open({ maxRounds: 0 })).rejects.toMatchObject({
    message: 'All 2 users for programs are in use',
    cause: new Error('The processes of user 61101 cannot be ended'),
  });
  expect(left.signalCode).toBeNull();
  // The next run tries again.
  expect((await open()).user).toEqual({ uid: 61_100, gid: 61_100 });
});

test('creates a folder for locks that only its owner can access', () => {
  const lockFolder = join(folder, 'not', 'there');
  createUserPool({ ...pool, lockFolder });
  expect(statSync(lockFolder).mode & 0o777).toBe(0o700);
});

test.each<[string, (path: string) => Promise<unknown>]>([
  ['that others can access', (path) => mkdir(path).then(() => chmod(path, 0o750))],
  ['that is a link', (path) => mkdir(`${path}2`, 0o700).then(() => symlink(`${path}2`, path))],
])('refuses a folder for locks %s', async (_what, prepare) => {
  await prepare(pool.lockFolder);
  expect(() => createUserPool(pool)).toThrow(
    new SettingsError(
      `${pool.lockFolder} must be a folder that only the user of this process can access. Remove it; it is created again.`,
    ),
  );
});

asRoot('refuses a folder for locks of another user', async () => {
  await mkdir(pool.lockFolder, 0o700);
  await chown(pool.lockFolder, 61_100, 61_100);
  expect(() => createUserPool(pool)).toThrow(SettingsError);
});

test('uses no other folder for locks if it cannot create this one', async () => {
  await writeFile(join(folder, 'file'), '');
  const lockFolder = join(folder, 'file', 'locks');
  expect(() => createUserPool({ ...pool, lockFolder })).toThrow(SettingsError);
  expect(() => createUserPool({ ...pool, lockFolder })).toThrow(
    `${lockFolder}, but this process cannot write to it (ENOTDIR). Make ${join(folder, 'file')} writable, or set COXSWAIN_PROGRAM_UID`,
  );
});

/** A program cannot have this user. */
const impossible: ProgramUser = { uid: -2, gid: -2 };

/** Lends one user, but with differences. */
const withDifferent = (different: Partial<Awaited<ReturnType<ProgramUsers['acquire']>>>): ProgramUsers => {
  const users = createUserPool({ ...pool, maxUsers: 1 });
  return { acquire: async () => ({ ...(await users.acquire()), ...different }) };
};

asRoot('returns a user if the folder of its run cannot be opened', async () => {
  await expect(openProgramWorkspace(withDifferent({ user: impossible }))).rejects.toThrow('out of range');
  expect((await open({ maxUsers: 1 })).user?.uid).toBe(61_100);
});

test('leaves no folder behind if it cannot be given to the user', async () => {
  const source = `import { openProgramFolder } from '${new URL('../../runtime/program-user.ts', import.meta.url).href}';
    openProgramFolder(${JSON.stringify(impossible)});`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    env: { TMPDIR: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  await once(child, 'close');
  expect(said).toContain('ERR_OUT_OF_RANGE');
  expect(readdirSync(folder)).toEqual([]);
});

asRoot('removes the folder of a run, and returns its user, if the cleanup fails', async () => {
  const failing = withDifferent({ clear: () => Promise.reject(new Error('not cleared')) });
  const place = await openProgramWorkspace(failing);
  expect(existsSync(place.work)).toBe(true);
  await expect(place.close()).rejects.toThrow('not cleared');
  expect(existsSync(place.path)).toBe(false);
  expect((await open({ maxUsers: 1 })).user?.uid).toBe(61_100);
});
