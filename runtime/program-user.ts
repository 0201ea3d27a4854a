import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync } from 'node:fs';
import { readFileSync, readdirSync, rmdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { integerText } from './environment.ts';

/*
 * Programs that are not ours (those of `exec`, tasks' scripts) run under a user of their own where that is possible: a process of
 * the same user can read our memory, and with it the storage key.
 */

/** The setting that names the user of foreign programs, by uid; its group has the same number. */
export const programUidName = 'COXSWAIN_PROGRAM_UID';
export const ProgramUid = v.optional(integerText(0, 4_294_967_294));

/** The user and group of foreign programs, in the form of `spawn`'s options. */
export type ProgramUser = { readonly uid: number; readonly gid: number };

/** What is needed to start, feed, end and clean up after another user's process, by its bit in `CapEff` (capabilities(7)). */
const needed = { CHOWN: 0, DAC_OVERRIDE: 1, KILL: 5, SETGID: 6, SETUID: 7 } as const;

/** Why programs cannot run as this user; undefined if they can, and have no privileges then: tried out, as rules differ. */
export const obstacleTo = ({ uid, gid }: ProgramUser): string | undefined => {
  if (process.platform !== 'linux') return 'only Linux is supported';
  const own = BigInt(`0x${statusOf(readFileSync('/proc/self/status', 'utf8'))['CapEff'] ?? '0'}`);
  const missing = Object.entries(needed).find(([, bit]) => ((own >> BigInt(bit)) & 1n) === 0n);
  if (missing) return `this process lacks the capability ${missing[0]}`;
  const { stdout, error } = spawnSync('cat', ['/proc/self/status'], { uid, gid, cwd: '/', encoding: 'utf8' });
  if (error) return `the system refuses it (${(error as NodeJS.ErrnoException).code})`;
  const its = statusOf(stdout);
  const isOther = ['Uid', 'Gid'].every((name) => /^(\d+)(\s+\1){3}$/.test(its[name] ?? ''));
  const hasNothing = ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].every((name) => /^0+$/.test(its[name] ?? ''));
  if (isOther && its['Uid']?.startsWith(`${uid}\t`) && its['Groups'] === '' && hasNothing) return undefined;
  return 'programs would keep privileges of this process';
};

export const statusOf = (text: string): Partial<Record<string, string>> =>
  Object.fromEntries(
    text.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );

/** Where `setpriv` of util-linux is, by which a process gives up gaining privileges (`no_new_privs`). */
const setprivPaths = ['/usr/bin/setpriv', '/bin/setpriv'];

/**
 * Returns the command under which a program of ours, started by root, cannot gain privileges by set-user-ID files, and neither can
 * what it starts; the same command where nothing has to be given up, or where `setpriv` is not there.
 */
export const withoutNewPrivileges = (command: readonly string[]): readonly [string, ...string[]] => {
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

/** A folder for one run of a foreign program. */
export type ProgramFolder = {
  /** Holds the rest. The program may pass through it and run what is in it, no more. */
  readonly path: string;
  /** The program's own: its working folder. */
  readonly work: string;
};

/** Makes a folder for a run of a program, below the folder for temporary files. */
export const openProgramFolder = (user: ProgramUser | undefined): ProgramFolder => {
  const path = mkdtempSync(join(tmpdir(), 'task-'));
  const work = join(path, 'work');
  mkdirSync(work, { mode: 0o700 });
  if (user) {
    chownSync(work, user.uid, user.gid);
    shareWith(user, path, 0o710);
  }
  return { path, work };
};

/** Lets the program's group use a file or folder of ours, which stays ours: what we write there, nobody may replace by a link. */
export const shareWith = ({ gid }: ProgramUser, path: string, mode: number): void => {
  chownSync(path, process.getuid!(), gid);
  chmodSync(path, mode);
};

/** The variables by which a program under a user of its own finds its folder; without such a user, none. */
export const folderVariables = (
  user: ProgramUser | undefined,
  { work }: ProgramFolder,
): Record<string, string> => (user ? { HOME: work, TMPDIR: work } : {});

/**
 * Removes a program's folder. What the program made is removed under its own user: a program that has got away, and goes on
 * exchanging folders for links, could otherwise have files removed that are not its own.
 */
export const removeProgramFolder = async (path: string): Promise<void> => {
  const work = join(path, 'work');
  const { uid, gid } = lstatSync(work);
  if (uid !== process.getuid?.()) {
    if (readdirSync(work).length > 0) await emptyAs({ uid, gid }, work);
    rmdirSync(work);
  }
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
};

/** It cannot remove the folder itself, which is in one of ours: so its exit code says nothing. */
const emptyAs = async (user: ProgramUser, folder: string): Promise<void> => {
  const script = 'chmod -R u+rwX -- "$0"; rm -rf -- "$0"';
  await promisify(execFile)('sh', ['-c', script, folder], { ...user, cwd: '/' }).catch(() => {});
};
