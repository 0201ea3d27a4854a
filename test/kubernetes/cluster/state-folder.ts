import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { tryFileLock } from '../../../runtime/data-dir-lock.ts';
import type { Releases } from '../../../runtime/lifecycle.ts';
import { removeCgroups } from './cgroups.ts';

/*
 * Everything of a cluster lies in one folder, and its control groups have the folder's name. The process that started the cluster holds
 * a lock in the folder. If the lock is free, that process is gone, and whatever the folder's name leads to is left over.
 */

const prefix = 'coxswain-cluster-';

/** Creates the folder of a cluster. Removes it, with the control groups of the same name, at the end. */
export const createStateFolder = async (releases: Releases, parent = tmpdir()): Promise<string> => {
  const folder = await mkdtemp(join(parent, prefix));
  const lock = tryFileLock(join(folder, 'lock'));
  releases.add('the state folder', async () => {
    await removeState(folder);
    lock?.release();
  });
  return folder;
};

/** Removes what clusters left behind whose process was killed. Returns their folders. */
export const removeLeftovers = async (parent = tmpdir()): Promise<string[]> => {
  const folders = (await readdir(parent))
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(parent, name));
  const removed: string[] = [];
  for (const folder of folders) {
    if (!isOurs(folder)) continue;
    const lock = tryFileLock(join(folder, 'lock'));
    if (!lock) continue;
    await removeState(folder);
    lock.release();
    removed.push(folder);
  }
  return removed;
};

/** A folder that only we can write, and in which a cluster has started. */
const isOurs = (folder: string): boolean => {
  const { uid, mode } = lstatSync(folder);
  return uid === process.getuid?.() && (mode & 0o170777) === 0o040700 && existsSync(join(folder, 'lock'));
};

const removeState = async (folder: string): Promise<void> => {
  await removeCgroups(basename(folder));
  // Mounts of a cluster end with its namespace. If one is left nevertheless, deleting would go through it.
  const mounts = readFileSync('/proc/self/mounts', 'utf8');
  if (mounts.includes(` ${folder}/`)) throw new Error(`Something is mounted in ${folder}. Unmount it first.`);
  await rm(folder, { recursive: true, maxRetries: 5 });
};
