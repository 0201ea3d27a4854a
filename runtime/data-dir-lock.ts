import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { restrictNewFiles } from './private-files.ts';
import { UserFacingError } from './user-facing-error.ts';

/*
 * Two locks ensure that only one platform uses a data folder. Both are SQLite's file locks, which the operating system releases when a
 * process ends in any way. The platform process holds `owner` exclusively. All its children share `crew`, so that the next platform
 * can wait until the last of them has ended.
 */

/** A lock that is held until it is released or the process ends. */
export type LockHandle = { release: () => void };

/** A running platform uses the data folder. The message is for the person who started a second one. */
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
    // With the rollback journal, an exclusive lock and readers exclude each other, across processes.
    file.exec(begin);
  } catch (cause) {
    file.close();
    throw cause;
  }
  return { release: () => file.close() };
};

/** Tries to acquire the lock on a file, which is created if it is missing. Returns undefined if another process, or this one, holds it. */
export const tryFileLock = (path: string): LockHandle | undefined => {
  try {
    return acquire(path, exclusive, 0);
  } catch (error) {
    if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined;
    throw error;
  }
};

const exclusive = 'BEGIN EXCLUSIVE';
/** A read in a transaction acquires the shared lock and holds it. */
const shared = 'BEGIN; SELECT count(*) FROM sqlite_schema';

const toLockPaths = (folder: string) => ({ owner: `${folder}/locks/owner`, crew: getSharedLockPath(folder) });

/** Returns the path of the lock that the children of the platform on a data folder share. */
export const getSharedLockPath = (folder: string): string => `${folder}/locks/crew`;

/**
 * Locks a data folder for this process, after the last child of an earlier platform has ended.
 * @throws DataDirInUseError if another platform runs on it, or a child does not end within `waitMilliseconds`
 */
export const lockDataDir = (folder: string, waitMilliseconds = 15_000): LockHandle => {
  const { owner, crew } = toLockPaths(folder);
  const handle = acquireOrExplain(
    () => acquire(owner, exclusive, 500),
    `Another Coxswain is using the data folder ${folder}. Stop it, or choose another folder with --data.`,
  );
  try {
    acquireOrExplain(
      () => acquire(crew, exclusive, waitMilliseconds),
      `A process of an earlier Coxswain is still using the data folder ${folder}. Wait until it has ended, then start again.`,
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

/** The locks of this process. Without a reference, a file would be garbage collected, and its lock released. */
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
