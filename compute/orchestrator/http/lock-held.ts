import type { Lock } from '../../formats/conditions.ts';
import { unexpected } from '../../formats/problem.ts';
import { json } from './answers.ts';

/** A lock is somebody else's: the answer says whose. */
export const lockHeld = (lock: Lock): Response => {
  const { problem } = unexpected('key', 'a lock that no job and no other person has', lock.key, 'lock-held');
  return json(409, { error: problem, lock });
};
