import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync } from 'node:fs';
import { readFileSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { integerSetting, setting } from './settings.ts';

/*
 * Foreign programs (`exec` programs and task scripts) run as another user if possible, because a process of the same user can read
 * our memory, including the storage key.
 */

/** The setting with the uid of foreign programs; their gid is the same number. */
export const programUidName = 'COXSWAIN_PROGRAM_UID';
export const programUidSetting = setting(
  'The numeric id of one user and its group. All foreign programs (`exec` programs and task scripts) then run as this user. See [Programs and secrets](worker.md#programs-and-secrets).',
  v.optional(integerSetting(0, 4_294_967_294)),
  {
    whenMissing:
      'a user from 60800 to 61055 for each run if the program can change users, otherwise its own user',
  },
);

/** The user and group of foreign programs, as options of `spawn`. */
export type ProgramUser = { readonly uid: number; readonly gid: number };

/** The capabilities to start, feed, end and clean up after another user's process, by bit in `CapEff` (capabilities(7)). */
const requiredCapabilities = { CHOWN: 0, DAC_OVERRIDE: 1, KILL: 5, SETGID: 6, SETUID: 7 } as const;

/** Returns why programs cannot run as this user; undefined if they can, without privileges. It tries this out, because rules differ. */
export const findObstacle = ({ uid, gid }: ProgramUser): string | undefined => {
  if (process.platform !== 'linux') return 'only Linux is supported';
  const own = BigInt(`0x${parseProcStatus(readFileSync('/proc/self/status', 'utf8'))['CapEff'] ?? '0'}`);
  const missing = Object.entries(requiredCapabilities).find(([, bit]) => ((own >> BigInt(bit)) & 1n) === 0n);
  if (missing) return `this process lacks the capability ${missing[0]}`;
  const { stdout, error } = spawnSync('cat', ['/proc/self/status'], { uid, gid, cwd: '/', encoding: 'utf8' });
  if (error) return `the system refuses it (${(error as NodeJS.ErrnoException).code})`;
  const its = parseProcStatus(stdout);
  const isOther = ['Uid', 'Gid'].every((name) => /^(\d+)(\s+\1){3}$/.test(its[name] ?? ''));
  const hasNothing = ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].every((name) => /^0+$/.test(its[name] ?? ''));
  if (isOther && its['Uid']?.startsWith(`${uid}\t`) && its['Groups'] === '' && hasNothing) return undefined;
  return 'programs would keep privileges of this process';
};

export const parseProcStatus = (text: string): Partial<Record<string, string>> =>
  Object.fromEntries(
    text.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );

/** The paths of util-linux's `setpriv`, with which a process gives up gaining privileges (`no_new_privs`). */
const setprivPaths = ['/usr/bin/setpriv', '/bin/setpriv'];

/**
 * Returns a command that runs one of our programs, started by root, so that neither it nor its children can gain privileges with
 * set-user-ID files. Returns the command unchanged if that is unnecessary, or without `setpriv`.
 */
export const toUnprivilegedCommand = (command: readonly string[]): readonly [string, ...string[]] => {
  const [file = '', ...rest] = command;
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || hasNoNewPrivileges())
    return [file, ...rest];
  const setpriv = setprivPaths.find(
    (path) => spawnSync(path, ['--no-new-privs', '--', 'true'], { stdio: 'ignore' }).status === 0,
  );
  return setpriv === undefined ? [file, ...rest] : [setpriv, '--no-new-privs', '--', file, ...rest];
};

const hasNoNewPrivileges = (): boolean =>
  /^NoNewPrivs:\s*1$/m.test(readFileSync('/proc/self/status', 'utf8'));

/** The folder of one run of a foreign program. */
export type ProgramFolder = {
  /** The outer folder. The program can only traverse it and execute files in it. */
  readonly path: string;
  /** The program's own working folder. */
  readonly work: string;
};

/** Creates a folder for a run of a program, in the folder for temporary files. */
export const openProgramFolder = (user: ProgramUser | undefined): ProgramFolder => {
  const path = mkdtempSync(join(tmpdir(), 'task-'));
  const work = join(path, ownFolders.work);
  try {
    makeFolderOf(user, work);
    if (user) shareWith(user, path, 0o710);
  } catch (error) {
    rmSync(path, { recursive: true });
    throw error;
  }
  return { path, work };
};

/** Creates an empty folder beside the working folder, for files that outlive the program. Returns its path. */
export const openOutputFolder = (user: ProgramUser | undefined, { path }: ProgramFolder): string => {
  const output = join(path, ownFolders.output);
  makeFolderOf(user, output);
  return output;
};

/** The names of the folders that belong to the program itself. */
const ownFolders = { work: 'work', output: 'files' } as const;

const makeFolderOf = (user: ProgramUser | undefined, path: string): void => {
  mkdirSync(path, { mode: 0o700 });
  if (user) chownSync(path, user.uid, user.gid);
};

/** Gives the program's group access to a file or folder that we continue to own, so that nobody can replace what we write with a link. */
export const shareWith = ({ gid }: ProgramUser, path: string, mode: number): void => {
  chownSync(path, process.getuid!(), gid);
  chmodSync(path, mode);
};

/** Returns the variables that point a program of another user to its folder; none for our own user. */
export const toFolderVariables = (
  user: ProgramUser | undefined,
  { work }: ProgramFolder,
): Record<string, string> => (user ? { HOME: work, TMPDIR: work } : {});

/**
 * Removes a program's folder. The program's files are removed as its own user: otherwise, an escaped program that keeps replacing
 * folders with links could have other users' files removed.
 */
export const removeProgramFolder = async (path: string): Promise<void> => {
  for (const name of Object.values(ownFolders)) {
    const folder = join(path, name);
    const stats = lstatSync(folder, { throwIfNoEntry: false });
    if (stats && stats.uid !== process.getuid?.()) await removeFolderOf(stats, folder);
  }
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
};

/** Removes a folder that belongs to a program. */
const removeFolderOf = async (user: ProgramUser, folder: string): Promise<void> => {
  if (readdirSync(folder).length > 0) await emptyAs(user, folder);
  rmdirSync(folder);
};

/** Empties a folder as another user. That user cannot remove the folder itself, so the exit code is meaningless. */
const emptyAs = async ({ uid, gid }: ProgramUser, folder: string): Promise<void> => {
  const script = 'chmod -R u+rwX -- "$0"; rm -rf -- "$0"';
  await promisify(execFile)('sh', ['-c', script, folder], { uid, gid, cwd: '/' }).catch(() => {});
};
