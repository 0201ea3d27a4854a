import type { Lock } from '../../../contracts/conditions.ts';
import { unexpected } from '../../../contracts/problem.ts';
import { ownsOwner, type Caller } from '../auth/caller.ts';
import { shownLock } from '../locks/redacted-lock.ts';
import { json } from './answers.ts';

/** A lock is somebody else's: the answer says whose. */
export const lockHeld = (lock: Lock, caller: Caller): Response => {
  const { problem } = unexpected('key', 'a lock that no job and no other person has', lock.key, 'lock-held');
  return json(409, { error: problem, lock: shownLock(lock, (owner) => ownsOwner(caller, owner)) });
};
