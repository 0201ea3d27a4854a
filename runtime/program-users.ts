import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createFolders } from './create-folder.ts';
import { tryFileLock, type LockHandle } from './data-dir-lock.ts';
import { SettingsError } from './settings.ts';
import {
  findObstacle,
  openProgramFolder,
  programUidName,
  removeProgramFolder,
  parseProcStatus,
  type ProgramFolder,
  type ProgramUser,
} from './program-user.ts';

/*
 * Two processes of one user can read each other's memory, including the values of a script's secret parameters. Each run of a foreign
 * program therefore has a user that no other run has at the same time, and when it ends, all processes of that user are killed.
 */

/** The users that all our processes on this machine share. */
export type UserPool = {
  readonly firstUid: number;
  readonly maxUsers: number;
  /** How often the processes of a user are killed before the user is given up. */
  readonly maxRounds: number;
  /** The folder of the locks on the users. */
  readonly lockFolder: string;
};

/** No common system assigns these uids, and they are below 65 536, so that they also exist in the user namespace of a container. */
const defaultPool: UserPool = {
  firstUid: 60_800,
  maxUsers: 256,
  maxRounds: 100,
  // No other folder if this is not writable: processes with different folders would choose the same users.
  lockFolder: '/run/coxswain-programs',
};

/** A user for one run of a foreign program. */
type AcquiredUser = {
  readonly user: ProgramUser;
  /** Kills processes that the program left running, and removes its files in shared folders. */
  clear(): Promise<void>;
  release(): void;
};

/** Assigns a user to each run. @throws Error if all users are in use */
export type ProgramUsers = { acquire(): Promise<AcquiredUser> };

/**
 * Returns the users as which this process starts foreign programs: a different one for each concurrent run, or always the configured
 * one; undefined for its own user, because the setting says so or because this process cannot change users (it is not root with the
 * usual capabilities, or this is not Linux).
 * @throws SettingsError if the setting requires another user and that is not possible, or if the users cannot be locked
 */
export const createProgramUsers = (configuredUid: number | undefined): ProgramUsers | undefined => {
  const uid = configuredUid ?? defaultPool.firstUid;
  if (process.getuid?.() === uid) return undefined;
  const user = { uid, gid: uid };
  const obstacle = findObstacle(user);
  if (obstacle === undefined)
    return configuredUid === undefined ? createUserPool(defaultPool) : createFixedUser(user);
  if (configuredUid === undefined) return undefined;
  throw new SettingsError(
    `${programUidName}: programs cannot be run as user ${uid}, because ${obstacle}. Start this process as root, or remove the setting.`,
  );
};

/** Returns a single user. It may belong to a person or a service, whose other processes we must not kill. */
const createFixedUser = (user: ProgramUser): ProgramUsers => ({
  acquire: () => Promise.resolve({ user, clear: () => Promise.resolve(), release: () => {} }),
});

/**
 * Returns the users of a pool. Each has a lock, because other processes use the same pool.
 * @throws SettingsError if this process cannot use the folder of the locks
 */
export const createUserPool = (pool: UserPool): ProgramUsers => {
  openLockFolder(pool.lockFolder);
  return { acquire: () => acquireFrom(pool) };
};

const acquireFrom = async (pool: UserPool): Promise<AcquiredUser> => {
  let cause: unknown;
  for (let uid = pool.firstUid; uid < pool.firstUid + pool.maxUsers; uid += 1) {
    const lock = tryFileLock(join(pool.lockFolder, String(uid)));
    if (!lock) continue;
    const user = toAcquiredUser({ uid, gid: uid }, lock, pool.maxRounds);
    try {
      // The process that used it before may have been killed.
      await user.clear();
      return user;
    } catch (error) {
      cause = error;
      user.release();
    }
  }
  throw new Error(`All ${pool.maxUsers} users for programs are in use`, { cause });
};

const toAcquiredUser = (user: ProgramUser, lock: LockHandle, maxRounds: number): AcquiredUser => {
  let cleared = Promise.resolve();
  return {
    user,
    // One after the other, so that no kill is in progress when another process gets the user.
    clear: () => {
      const next = cleared.then(() => endProcesses(user, maxRounds)).then(() => removeSharedFiles(user));
      cleared = next.catch(() => {});
      return next;
    },
    release: () => lock.release(),
  };
};

/** Creates the folder if it is missing. Nobody else can write to it, so nobody else can block a user. */
const openLockFolder = (folder: string): void => {
  try {
    createFolders(folder, 0o700);
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    throw new SettingsError(
      `Programs run as different users, whose locks are in ${folder}, but this process cannot write to it (${(cause as NodeJS.ErrnoException).code}). Make ${dirname(folder)} writable, or set ${programUidName} to one user for all programs.`,
      { cause },
    );
  }
  const { uid, mode } = lstatSync(folder);
  if (uid === process.getuid?.() && (mode & 0o170_077) === directory) return;
  throw new SettingsError(
    `${folder} must be a folder that only the user of this process can access. Remove it; it is created again.`,
  );
};

/** The bits of `st_mode` for a directory, inode(7). */
const directory = 0o40_000;

/**
 * Kills all processes of a user: one by one, because the killer must not be a process that they can kill; and all at once, because
 * they may start more processes each time, and the list may miss some.
 */
const endProcesses = async (user: ProgramUser, maxRounds: number): Promise<void> => {
  for (let round = 0; round < maxRounds; round += 1) {
    listProcesses(user).forEach(kill);
    await runAs(user, 'kill -9 -1');
    if (listProcesses(user).length === 0) return;
  }
  throw new Error(`The processes of user ${user.uid} cannot be ended`);
};

const listProcesses = ({ uid }: ProgramUser): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const { Uid = '', State = '', Threads } = parseProcStatus(readText(`/proc/${pid}/status`));
      // The parent of a zombie may never wait for it. If only its main thread has ended, it is a zombie whose other threads run.
      const hasEnded = State.startsWith('Z') && Threads === '1';
      return Uid.split('\t').includes(String(uid)) && !hasEnded;
    });

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
};

/** Folders that everyone can write to. The next program of this user would treat files there as its own. */
const sharedFolders = ['/tmp', '/var/tmp', '/dev/shm'];

const removeSharedFiles = async (user: ProgramUser): Promise<void> => {
  const hasLeft = sharedFolders.some((folder) =>
    listPaths(folder).some((path) => lstatSync(path, { throwIfNoEntry: false })?.uid === user.uid),
  );
  if (hasLeft) await runAs(user, removal, sharedFolders);
};

/** `find` starts as many commands as the number of files requires. */
const removal = `for command in 'chmod -R u+rwX' 'rm -rf'; do
  find -H "$@" -mindepth 1 -maxdepth 1 -user "$(id -u)" -exec $command -- {} +
done`;

/** Names need not be UTF-8. */
const listPaths = (folder: string): Buffer[] => {
  try {
    const names = readdirSync(folder, 'buffer');
    return names.map((name) => Buffer.concat([Buffer.from(`${folder}/`), name]));
  } catch {
    return [];
  }
};

/** Runs a shell script as a user, so that it cannot harm other users. Its exit code is meaningless. */
const runAs = async (user: ProgramUser, script: string, args: readonly string[] = []): Promise<void> => {
  const child = spawn('sh', ['-c', script, 'sh', ...args], { ...user, cwd: '/', stdio: 'ignore' });
  await once(child, 'close').catch(() => {});
};

/** The environment of one run of a foreign program. */
export type ProgramWorkspace = ProgramFolder & {
  readonly user: ProgramUser | undefined;
  /** Kills processes that the run left running. If the run has its own user, this includes processes outside its process group. */
  clear(): Promise<void>;
  /** Kills and removes everything that the run left. */
  close(): Promise<void>;
};

/** Opens a folder for a run, with its own user if possible. @throws Error if all users are in use */
export const openProgramWorkspace = async (users: ProgramUsers | undefined): Promise<ProgramWorkspace> => {
  const acquired = await users?.acquire();
  const folder = openFolder(acquired);
  return {
    ...folder,
    user: acquired?.user,
    clear: async () => acquired?.clear(),
    close: async () => {
      try {
        await acquired?.clear();
      } finally {
        await removeProgramFolder(folder.path).finally(() => acquired?.release());
      }
    },
  };
};

const openFolder = (acquired: AcquiredUser | undefined): ProgramFolder => {
  try {
    return openProgramFolder(acquired?.user);
  } catch (error) {
    acquired?.release();
    throw error;
  }
};
