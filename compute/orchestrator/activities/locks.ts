import type { LockCondition, LockHolder } from '../../../contracts/conditions.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { isSameOwner } from '../job/job-ids.ts';
import { asked, isHeldBy } from '../locks/lock.ts';
import { changeLock } from '../locks/lock-store.ts';
import { shownLock } from '../locks/redacted-lock.ts';
import type { Dependencies } from './dependencies.ts';

/** Whether the job has the lock; if not, who has it, and how many are to have it before this one. */
export type LockLook =
  | { held: true }
  | { held: false; holders: LockHolder[]; elsewhere?: number; slots: number; ahead: number };

/** The most holders that are told of: a custom status may have 16 KB, and a lock a thousand slots. */
const mostHolders = 4;

/** `owner`: whose the job is; missing if a version before this one asks. */
type Ask = { job: JobId; owner?: string; lock: LockCondition };

/** A job asks for a lock: it gets it, or queues for it if it is to. Asked again it keeps its place. */
export const takeLock =
  ({ storage: { blobs }, flush }: Dependencies) =>
  async ({ job, owner, lock: condition }: Ask): Promise<LockLook> => {
    const ask = () => new Date().toISOString();
    const { before, after } = await changeLock(blobs, condition, (lock) =>
      asked(lock, job, { ...condition, owner }, ask()),
    );
    // What the job rests on, its lock or its place, must not be lost by a crash.
    if (after !== before) await flush();
    if (isHeldBy(after, job)) return { held: true };
    const place = after.waiting.findIndex((each) => each.job === job);
    const ahead = place < 0 ? after.waiting.length : place;
    const seen = shownLock(after, (other) => owner === undefined || isSameOwner(owner, other));
    const { holders, slots, elsewhere } = seen;
    const others = elsewhere && elsewhere.holders > 0 ? { elsewhere: elsewhere.holders } : {};
    return { held: false, holders: holders.slice(0, mostHolders), ...others, slots, ahead };
  };
