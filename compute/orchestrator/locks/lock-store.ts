import { Lock } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import {
  grantedPath,
  lockPath,
  lockPrefix,
  locksPrefix,
  type BlobPath,
} from '../../../contracts/blob-paths.ts';
import { parseJson, type ParseResult } from '../../../contracts/problem.ts';
import type { Blobs } from '../../storage/port.ts';
import { compareAndSwap, type SwapRetry } from '../../storage/compare-and-swap.ts';
import { createFreeLock, listGranted, isFree, releaseByJob, releaseExpired, type LockName } from './lock.ts';

/**
 * Changes a lock by compare-and-swap, after releasing it if its time is over. A free lock without waiting jobs has no blob. Jobs that get
 * the lock by the change are notified by a blob, whose event is only a hint: they also poll.
 * @param change returns the same lock to change nothing
 * @returns the lock before the change, without a holder whose time was over, and after it
 * @throws if the lock's blob is invalid, because it must not count as a free lock, or if it cannot be written
 */
export const changeLock = async (
  blobs: Blobs,
  name: LockName,
  change: (lock: Lock) => Lock,
  retry?: SwapRetry,
): Promise<{ before: Lock; after: Lock }> => {
  const path = lockPath(name.scope, name.key);
  const attempt = async (): Promise<{ before: Lock; after: Lock } | undefined> => {
    const found = await findLock(blobs, path);
    const stored = found ? requireLock(found.lock, path) : createFreeLock(name);
    const before = releaseExpired(stored, new Date().toISOString());
    const after = change(before);
    if (after === stored) return { before, after };
    if (!(await writeLock(blobs, path, after, found?.tag ?? null))) return undefined;
    await Promise.all(listGranted(stored, after).map((job) => blobs.put(grantedPath(job), '{"v":1}')));
    return { before, after };
  };
  return compareAndSwap(`The lock ${name.key} of ${name.scope}`, attempt, retry);
};

const writeLock = (blobs: Blobs, path: BlobPath, lock: Lock, tag: string | null): Promise<boolean> =>
  tag !== null && isFree(lock) ? blobs.deleteIf(path, tag) : blobs.putIf(path, JSON.stringify(lock), tag);

const findLock = async (
  blobs: Blobs,
  path: BlobPath,
): Promise<{ lock: ParseResult<Lock>; tag: string } | undefined> => {
  const found = await blobs.getWithTag(path);
  return found && { lock: parseJson(Lock, found.body.toString()), tag: found.tag };
};

const requireLock = (lock: ParseResult<Lock>, path: BlobPath): Lock => {
  if (!lock.ok) throw new Error(`${path} is not a lock: ${lock.problem.message}`);
  return lock.value;
};

/** Releases a job's locks, and removes it from the queues of locks for which it waits. */
export const releaseLocks = async (blobs: Blobs, job: JobId, locks: readonly LockName[]): Promise<void> => {
  for (const name of locks)
    await changeLock(blobs, name, (lock) => releaseByJob(lock, job, new Date().toISOString()));
};

/** Lists the locks that are taken, of one scope or of all, without holders whose time is over. Invalid blobs are skipped. */
export async function* listLocks(blobs: Blobs, scope?: string): AsyncGenerator<Lock> {
  for await (const stored of listStoredLocks(blobs, scope)) {
    const lock = releaseExpired(stored, new Date().toISOString());
    if (!isFree(lock)) yield lock;
  }
}

/** Releases the locks whose time is over, so that the next jobs get them. */
export const releaseExpiredLocks = async (blobs: Blobs): Promise<void> => {
  for await (const stored of listStoredLocks(blobs))
    if (releaseExpired(stored, new Date().toISOString()) !== stored)
      await changeLock(blobs, stored, (lock) => lock);
};

async function* listStoredLocks(blobs: Blobs, scope?: string): AsyncGenerator<Lock> {
  for await (const { path } of blobs.list(scope === undefined ? locksPrefix : lockPrefix(scope))) {
    const found = await findLock(blobs, path);
    if (found?.lock.ok) yield found.lock.value;
  }
}
