import type { LockCondition, LockHolder } from '../../formats/conditions.ts';
import type { JobId } from '../../formats/ids.ts';
import { asked, isHeldBy } from '../locks/lock.ts';
import { changeLock } from '../locks/locks.ts';
import type { Dependencies } from './dependencies.ts';

/** Whether the job has the lock; if not, who has it, and how many are to have it before this one. */
export type LockLook = { held: true } | { held: false; holders: LockHolder[]; slots: number; ahead: number };

/** The most holders that are told of: a custom status may have 16 KB, and a lock a thousand slots. */
const mostHolders = 4;

/** A job asks for a lock: it gets it, or queues for it if it is to. Asked again it keeps its place. */
export const takeLock =
  ({ storage: { blobs }, flush }: Dependencies) =>
  async ({ job, lock: condition }: { job: JobId; lock: LockCondition }): Promise<LockLook> => {
    const ask = () => new Date().toISOString();
    const { before, after } = await changeLock(blobs, condition, (lock) =>
      asked(lock, job, condition, ask()),
    );
    // What the job rests on, its lock or its place, must not be lost by a crash.
    if (after !== before) await flush();
    if (isHeldBy(after, job)) return { held: true };
    const { holders, slots, waiting } = after;
    const place = waiting.findIndex((each) => each.job === job);
    const ahead = place < 0 ? waiting.length : place;
    return { held: false, holders: holders.slice(0, mostHolders), slots, ahead };
  };
