import { setTimeout as pause } from 'node:timers/promises';
import { Lock } from '../../formats/conditions.ts';
import type { JobId } from '../../formats/ids.ts';
import { grantedPath, lockPath, lockPrefix, locksPrefix, type BlobPath } from '../../formats/paths.ts';
import { readJson, type Read } from '../../formats/problem.ts';
import type { Blobs } from '../../storage/port.ts';
import { freeLock, granted, isFree, leftByJob, type LockName } from './lock.ts';

/** The longest wait after another was first, in milliseconds, for each time that this has happened. */
const patience = 20;

/**
 * Changes a lock in one step: whoever writes first wins, the others look again. A lock that nobody has and nobody waits for has no
 * blob. Jobs that get the lock by it are told by a mark, whose event is a hint: they look by themselves too.
 * @param change answers with the same lock to change nothing
 * @throws if the lock's blob is not a lock: it must not pass for a free one
 */
export const changeLock = async (
  blobs: Blobs,
  name: LockName,
  change: (lock: Lock) => Lock,
): Promise<{ before: Lock; after: Lock }> => {
  const path = lockPath(name.scope, name.key);
  for (let attempt = 1; ; attempt += 1) {
    const found = await find(blobs, path);
    const before = found ? lockOf(found.lock, path) : freeLock(name);
    const after = change(before);
    if (after === before) return { before, after };
    if (await swap(blobs, path, after, found?.tag ?? null)) {
      await Promise.all(granted(before, after).map((job) => blobs.put(grantedPath(job), '{"v":1}')));
      return { before, after };
    }
    await pause(Math.random() * patience * attempt);
  }
};

const swap = (blobs: Blobs, path: BlobPath, lock: Lock, tag: string | null): Promise<boolean> =>
  tag !== null && isFree(lock) ? blobs.deleteIf(path, tag) : blobs.putIf(path, JSON.stringify(lock), tag);

const find = async (blobs: Blobs, path: BlobPath): Promise<{ lock: Read<Lock>; tag: string } | undefined> => {
  const found = await blobs.getTagged(path);
  return found && { lock: readJson(Lock, found.body.toString()), tag: found.tag };
};

const lockOf = (lock: Read<Lock>, path: BlobPath): Lock => {
  if (!lock.ok) throw new Error(`${path} is not a lock: ${lock.problem.message}`);
  return lock.value;
};

/** A job gives locks back, those that it has and those that it waits for; fine if there are none. */
export const releaseLocks = async (blobs: Blobs, job: JobId, locks: readonly LockName[]): Promise<void> => {
  for (const name of locks)
    await changeLock(blobs, name, (lock) => leftByJob(lock, job, new Date().toISOString()));
};

/** The locks that somebody has, of one scope or of all; without blobs that are no locks, which must not hide the others. */
export async function* listLocks(blobs: Blobs, scope?: string): AsyncGenerator<Lock> {
  for await (const { path } of blobs.list(scope === undefined ? locksPrefix : lockPrefix(scope))) {
    const found = await find(blobs, path);
    if (found?.lock.ok) yield found.lock.value;
  }
}
