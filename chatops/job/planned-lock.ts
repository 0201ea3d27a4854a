import * as v from 'valibot';
import { LockHolder } from '../../contracts/conditions.ts';

/** The maximum number of holders of a lock that are noted. */
export const maxNotedHolders = 5;

/** A lock that a job needs, and who had it at a moment. */
export const PlannedLock = v.object({
  key: v.string(),
  /** What the job does if the lock is taken. */
  when: v.picklist(['queue', 'refuse']),
  /** For a lock of the task's definition, which all repositories share, the number of jobs that can hold it; null for one of the policy. */
  slots: v.nullable(v.number()),
  /** The holders that the repository may see, at most `maxNotedHolders`. */
  holders: v.array(LockHolder),
  /** The number of further holders that the repository may see. */
  more: v.number(),
  /** The number of jobs of other repositories that hold it. */
  elsewhere: v.number(),
  /** The number of waiting jobs. */
  waiting: v.number(),
});
export type PlannedLock = v.InferOutput<typeof PlannedLock>;
