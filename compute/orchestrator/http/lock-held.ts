import type { Lock } from '../../../contracts/conditions.ts';
import { rejectField } from '../../../contracts/problem.ts';
import { ownsOwner, type Caller } from '../auth/caller.ts';
import { redactLock } from '../locks/redacted-lock.ts';
import { toJsonResponse } from './answers.ts';

/** A lock is somebody else's: the answer says whose. */
export const toLockHeld = (lock: Lock, caller: Caller): Response => {
  const { problem } = rejectField('key', 'a lock that no job and no other person has', lock.key, 'lock-held');
  return toJsonResponse(409, { error: problem, lock: redactLock(lock, (owner) => ownsOwner(caller, owner)) });
};
