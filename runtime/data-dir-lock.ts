import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { restrictNewFiles } from './private-files.ts';
import { UserFacingError } from './user-facing-error.ts';

/*
 * Two locks keep one data folder to one platform. Both are SQLite's own file locks, which the operating system gives back
 * when a process ends, however it ends. `owner` is held alone by the platform process. `crew` is shared by all its
 * children, so that the next platform can wait until the last of them is gone.
 */

/** A lock that is held until it is released or the process ends. */
export type LockHandle = { release: () => void };

/** The data folder belongs to a platform that runs. Its message is for the person who started a second one. */
export class DataDirInUseError extends UserFacingError {
  override name = 'DataDirInUseError';
}

const openLockFile = (path: string, waitMilliseconds: number): DatabaseSync => {
  mkdirSync(dirname(path), { recursive: true });
  return new DatabaseSync(path, { timeout: waitMilliseconds });
};

const acquire = (path: string, begin: string, waitMilliseconds: number): LockHandle => {
  const file = openLockFile(path, waitMilliseconds);
  try {
    // With the rollback journal, EXCLUSIVE keeps readers out and a reader keeps EXCLUSIVE out, across processes.
    file.exec(begin);
  } catch (cause) {
    file.close();
    throw cause;
  }
  return { release: () => file.close() };
};

/** Takes the lock on a file of its own; undefined: another process, or this one, has it. The file is made if it is missing. */
export const tryFileLock = (path: string): LockHandle | undefined => {
  try {
    return acquire(path, exclusive, 0);
  } catch (error) {
    if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined;
    throw error;
  }
};

const exclusive = 'BEGIN EXCLUSIVE';
/** A read inside a transaction takes the shared lock and keeps it. */
const shared = 'BEGIN; SELECT count(*) FROM sqlite_schema';

const toLockPaths = (folder: string) => ({ owner: `${folder}/locks/owner`, crew: getSharedLockPath(folder) });

/** Where the children of the platform that owns `folder` take their shared lock. */
export const getSharedLockPath = (folder: string): string => `${folder}/locks/crew`;

/**
 * Takes a data folder for this process, once no other platform holds it and the last child of an earlier one is gone.
 * @throws DataDirInUseError if another platform runs on it, or a child does not end within `waitMilliseconds`
 */
export const lockDataDir = (folder: string, waitMilliseconds = 15_000): LockHandle => {
  const { owner, crew } = toLockPaths(folder);
  const handle = acquireOrExplain(
    () => acquire(owner, exclusive, 500),
    `Another Coxswain runs on the data folder ${folder}. Stop it, or choose another folder with --data.`,
  );
  try {
    acquireOrExplain(
      () => acquire(crew, exclusive, waitMilliseconds),
      `A process of an earlier Coxswain still works on the data folder ${folder}. Wait until it has ended, then start again.`,
    ).release();
  } catch (error) {
    handle.release();
    throw error;
  }
  return handle;
};

/** Returns whether a platform runs on a data folder. */
export const isDataDirLocked = (folder: string): boolean => {
  const handle = tryFileLock(toLockPaths(folder).owner);
  handle?.release();
  return handle === undefined;
};

const acquireOrExplain = (take: () => LockHandle, message: string): LockHandle => {
  try {
    return take();
  } catch (cause) {
    throw (cause as { errcode?: number }).errcode === sqliteBusy
      ? new DataDirInUseError(message, { cause })
      : cause;
  }
};

/** SQLITE_BUSY, https://www.sqlite.org/rescode.html#busy. */
const sqliteBusy = 5;

/** Held for as long as the process lives: a file that nobody refers to is collected as garbage, and its lock with it. */
const processLocks: LockHandle[] = [];

/**
 * Registers this process as a child of the platform that owns the lock at `path`, until the process ends. Such a child creates files
 * in the data folder, so from now on only the owner can access its files.
 */
export const joinDataDir = (path: string): LockHandle => {
  restrictNewFiles();
  const handle = acquire(path, shared, 15_000);
  processLocks.push(handle);
  return handle;
};
