import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryLock, type Held } from './crew-lock.ts';
import { SettingsError } from './environment.ts';
import {
  obstacleTo,
  openProgramFolder,
  programUidName,
  removeProgramFolder,
  statusOf,
  type ProgramFolder,
  type ProgramUser,
} from './program-user.ts';

/*
 * Two processes of one user can read each other's memory, and so the values of a script's secret parameters. So each run of a foreign
 * program has a user whom no other run has meanwhile, and at its end no process of that user is left.
 */

/** No user of common systems has these, and they are below 65 536, so that they exist in the user namespace of a container too. */
const firstUid = 60_800;
const maxUsers = 256;

/** A user for one run of a foreign program. */
type LentUser = {
  readonly user: ProgramUser;
  /** Ends what the program has left running, and removes what it has left in folders that all users share. */
  clear(): Promise<void>;
  giveBack(): void;
};

/** Lends a user for each run. @throws Error if all are lent */
export type ProgramUsers = { lend(): Promise<LentUser> };

/**
 * Returns the users under whom this process starts foreign programs: one for each run at a time, or always the one that is asked for;
 * undefined: its own user, because that one is asked for, or because this process may not change the user (it is not root in a usual
 * container, or this is not Linux).
 * @throws SettingsError if another user is asked for, and it is not possible
 */
export const programUsers = (asked: number | undefined): ProgramUsers | undefined => {
  const uid = asked ?? firstUid;
  if (process.getuid?.() === uid) return undefined;
  const user = { uid, gid: uid };
  const obstacle = obstacleTo(user);
  if (obstacle === undefined) return asked === undefined ? { lend } : alwaysLending(user);
  if (asked === undefined) return undefined;
  throw new SettingsError(
    `${programUidName}: programs cannot be run as user ${uid}, because ${obstacle}. Start this process as root, or remove the setting.`,
  );
};

/** It may be a person's user, or a service's: what else it runs is not ours to end. */
const alwaysLending = (user: ProgramUser): ProgramUsers => ({
  lend: () => Promise.resolve({ user, clear: () => Promise.resolve(), giveBack: () => {} }),
});

/** All processes of ours on this machine share the users, so each user has a lock. */
const lend = async (): Promise<LentUser> => {
  const folder = lockFolder();
  for (let uid = firstUid; uid < firstUid + maxUsers; uid += 1) {
    const held = tryLock(join(folder, String(uid)));
    if (!held) continue;
    const user = lent({ uid, gid: uid }, held);
    try {
      // Whoever had it before may have been killed.
      await user.clear();
      return user;
    } catch {
      // While this process lives, it is nobody's.
      continue;
    }
  }
  throw new Error(`All ${maxUsers} users for programs are in use`);
};

const lent = (user: ProgramUser, held: Held): LentUser => {
  let cleared = Promise.resolve();
  return {
    user,
    // One after the other: none may still kill when somebody else has the user.
    clear: () => {
      const next = cleared.then(() => endProcesses(user)).then(() => removeShared(user));
      cleared = next.catch(() => {});
      return next;
    },
    giveBack: () => held.release(),
  };
};

/** Where the locks lie: only root may name one, so that nobody else keeps a user from us. */
const lockFolder = (): string => {
  for (const parent of ['/run', tmpdir()]) {
    const folder = join(parent, 'coxswain-programs');
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch {
      // A container's own file system may be read-only.
      continue;
    }
    const { uid, mode } = lstatSync(folder);
    if (uid === process.getuid?.() && (mode & 0o170_077) === directory) return folder;
    throw new Error(`${folder} is not a folder of this user's alone: remove it`);
  }
  throw new Error(`Cannot create a folder for locks: make /run or ${tmpdir()} writable`);
};

/** The bits of `st_mode` for a directory, inode(7). */
const directory = 0o40_000;

const maxRounds = 100;

/**
 * Kills all processes of a user. One by one, as the process that does it must not be one that they can kill; and all at once, as they
 * may be more each time.
 */
const endProcesses = async (user: ProgramUser): Promise<void> => {
  for (let round = 0; round < maxRounds; round += 1) {
    const pids = processesOf(user);
    if (pids.length === 0) return;
    pids.forEach(kill);
    await runAs(user, 'kill -9 -1');
  }
  throw new Error(`The processes of user ${user.uid} cannot be ended`);
};

const processesOf = ({ uid }: ProgramUser): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const { Uid = '', State = '' } = statusOf(textOf(`/proc/${pid}/status`));
      // Whoever should wait for a zombie may not do so: it runs no more.
      return Uid.split('\t').includes(String(uid)) && !State.startsWith('Z');
    });

const textOf = (path: string): string => {
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

/** Folders in which everybody may leave something. The next program of this user would take it for its own. */
const sharedFolders = ['/tmp', '/var/tmp', '/dev/shm'];

const removeShared = async (user: ProgramUser): Promise<void> => {
  const left = sharedFolders.flatMap((folder) =>
    namesIn(folder)
      .map((name) => join(folder, name))
      .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.uid === user.uid),
  );
  if (left.length > 0) await runAs(user, 'chmod -R u+rwX -- "$@"; rm -rf -- "$@"', left);
};

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** Runs a shell script under a user, who may do no harm by it to others. Its exit code says nothing. */
const runAs = async (user: ProgramUser, script: string, given: readonly string[] = []): Promise<void> => {
  const child = spawn('sh', ['-c', script, 'sh', ...given], { ...user, cwd: '/', stdio: 'ignore' });
  await once(child, 'close').catch(() => {});
};

/** Where one run of a foreign program takes place. */
export type ProgramPlace = ProgramFolder & {
  readonly user: ProgramUser | undefined;
  /** Ends what the run has left running, also if it has left the process group, where it has a user of its own. */
  clear(): Promise<void>;
  /** Ends and removes all that the run has left. */
  close(): Promise<void>;
};

/** Opens a folder for a run, of a user of its own if there are such. @throws Error if all are lent */
export const openProgramPlace = async (users: ProgramUsers | undefined): Promise<ProgramPlace> => {
  const lentUser = await users?.lend();
  const folder = openProgramFolder(lentUser?.user);
  return {
    ...folder,
    user: lentUser?.user,
    clear: async () => lentUser?.clear(),
    close: async () => {
      try {
        await lentUser?.clear();
        await removeProgramFolder(folder.path);
      } finally {
        lentUser?.giveBack();
      }
    },
  };
};
