import type { LockCondition, LockHolder } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { isSameOwner } from '../job/job-ids.ts';
import { requestLock, isHeldBy } from '../locks/lock.ts';
import { changeLock, releaseLocks as release } from '../locks/lock-store.ts';
import { redactLock } from '../locks/redacted-lock.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Whether the job holds the lock; if not, the lock's holders, and the number of jobs `ahead` in the queue. */
export type LockAttempt =
  | { held: true }
  | { held: false; holders: LockHolder[]; elsewhere?: number; slots: number; ahead: number };

/** The maximum number of holders in the result: a custom status is limited to 16 KB, and a lock can have a thousand slots. */
const maxHolders = 4;

/** `owner`: the job's owner; missing in the requests of older versions. */
type LockRequest = { job: JobId; owner?: string; lock: LockCondition };

/** Requests a lock for a job, which gets it or joins the queue. A repeated request keeps its position. */
export const takeLock =
  ({ storage: { blobs }, flush }: ActivityDependencies) =>
  async ({ job, owner, lock: condition }: LockRequest): Promise<LockAttempt> => {
    const getNow = () => new Date().toISOString();
    const { before, after } = await changeLock(blobs, condition, (lock) =>
      requestLock(lock, job, { ...condition, owner }, getNow()),
    );
    // A crash must not lose the job's lock or its position in the queue.
    if (after !== before) await flush();
    if (isHeldBy(after, job)) return { held: true };
    const position = after.waiting.findIndex((each) => each.job === job);
    const ahead = position < 0 ? after.waiting.length : position;
    const redacted = redactLock(after, (other) => owner === undefined || isSameOwner(owner, other));
    const { holders, slots, elsewhere } = redacted;
    const others = elsewhere && elsewhere.holders > 0 ? { elsewhere: elsewhere.holders } : {};
    return { held: false, holders: holders.slice(0, maxHolders), ...others, slots, ahead };
  };

/** Releases the locks of a job that ends, and removes it from the queues of others. */
export const releaseLocks =
  ({ storage, flush }: ActivityDependencies) =>
  async ({ job, locks }: { job: JobId; locks: LockCondition[] }): Promise<null> => {
    await release(storage.blobs, job, locks);
    await flush();
    return null;
  };
