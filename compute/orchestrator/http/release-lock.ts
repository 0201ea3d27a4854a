import * as v from 'valibot';
import { LockKey, LockScope, Person, type Lock } from '../../../contracts/conditions.ts';
import { unexpected } from '../../../contracts/problem.ts';
import type { Blobs } from '../../storage/port.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { lockRefusal } from '../auth/authorize.ts';
import { isFree, leftByPerson } from '../locks/lock.ts';
import { changeLock } from '../locks/lock-store.ts';
import { json, problemAnswer, refused } from './answers.ts';
import { bodyAs } from '../json.ts';
import { lockHeld } from './lock-held.ts';

const Body = v.object({ scope: LockScope, key: LockKey, by: Person, force: v.optional(v.boolean(), false) });

/**
 * `POST /api/locks/release {"scope", "key", "by", "force"}`: lets go of a lock that a person has; by force, of another person's.
 * The next job gets it. 404 if nobody has it, 409 with the lock if a job or, without force, another person has it.
 */
export const releaseLock = ({
  blobs,
  flush,
}: {
  blobs: Blobs;
  flush: () => Promise<void>;
}): GuardedRoute => ({
  name: 'UnlockByHand',
  method: 'POST',
  path: 'locks/release',
  needs: 'approve',
  handle: async (httpRequest, _parameters, _client, caller) => {
    const asked = await bodyAs(Body, httpRequest);
    if (!asked.ok) return refused(asked.problem);
    const refusal = lockRefusal(caller, asked.value);
    if (refusal) return refusal;
    const { scope, key, by, force } = asked.value;
    const leave = (lock: Lock) => leftByPerson(lock, by, force, new Date().toISOString());
    const { before, after } = await changeLock(blobs, { scope, key }, leave);
    if (isFree(before)) return notLocked(key);
    if (after === before) return lockHeld(after, caller);
    await flush();
    return json(200, { v: 1, scope, key });
  },
});

const notLocked = (key: string): Response =>
  problemAnswer(404, unexpected('key', 'a lock that somebody has', key, 'not-locked').problem);
