import type { LockCondition, LockHolder } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { isSameOwner } from '../job/job-ids.ts';
import { requestLock, isHeldBy } from '../locks/lock.ts';
import { changeLock, releaseLocks as release } from '../locks/lock-store.ts';
import { redactLock } from '../locks/redacted-lock.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Whether the job has the lock; if not, who has it, and how many are to have it before this one. */
export type LockAttempt =
  | { held: true }
  | { held: false; holders: LockHolder[]; elsewhere?: number; slots: number; ahead: number };

/** The most holders that are told of: a custom status may have 16 KB, and a lock a thousand slots. */
const maxHolders = 4;

/** `owner`: whose the job is; missing if a version before this one asks. */
type LockRequest = { job: JobId; owner?: string; lock: LockCondition };

/** A job asks for a lock: it gets it, or queues for it if it is to. Asked again it keeps its place. */
export const takeLock =
  ({ storage: { blobs }, flush }: ActivityDependencies) =>
  async ({ job, owner, lock: condition }: LockRequest): Promise<LockAttempt> => {
    const now = () => new Date().toISOString();
    const { before, after } = await changeLock(blobs, condition, (lock) =>
      requestLock(lock, job, { ...condition, owner }, now()),
    );
    // What the job rests on, its lock or its place, must not be lost by a crash.
    if (after !== before) await flush();
    if (isHeldBy(after, job)) return { held: true };
    const position = after.waiting.findIndex((each) => each.job === job);
    const ahead = position < 0 ? after.waiting.length : position;
    const redacted = redactLock(after, (other) => owner === undefined || isSameOwner(owner, other));
    const { holders, slots, elsewhere } = redacted;
    const others = elsewhere && elsewhere.holders > 0 ? { elsewhere: elsewhere.holders } : {};
    return { held: false, holders: holders.slice(0, maxHolders), ...others, slots, ahead };
  };

/** A job that ends gives its locks back, durably, also those for which it still waits. */
export const releaseLocks =
  ({ storage, flush }: ActivityDependencies) =>
  async ({ job, locks }: { job: JobId; locks: LockCondition[] }): Promise<null> => {
    await release(storage.blobs, job, locks);
    await flush();
    return null;
  };
