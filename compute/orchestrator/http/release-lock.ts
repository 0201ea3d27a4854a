import * as v from 'valibot';
import { LockKey, LockScope, Person, type Lock } from '../../../contracts/conditions.ts';
import { rejectField } from '../../../contracts/problem.ts';
import type { Blobs } from '../../storage/port.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { checkLock } from '../auth/authorize.ts';
import { isFree, releaseByPerson } from '../locks/lock.ts';
import { changeLock } from '../locks/lock-store.ts';
import { toJsonResponse, toProblemResponse, toBadRequest } from './answers.ts';
import { parseBody } from '../json.ts';
import { toLockHeld } from './lock-held.ts';

const ReleaseLockBody = v.object({
  scope: LockScope,
  key: LockKey,
  by: Person,
  force: v.optional(v.boolean(), false),
});

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
    const body = await parseBody(ReleaseLockBody, httpRequest);
    if (!body.ok) return toBadRequest(body.problem);
    const refusal = checkLock(caller, body.value);
    if (refusal) return refusal;
    const { scope, key, by, force } = body.value;
    const release = (lock: Lock) => releaseByPerson(lock, by, force, new Date().toISOString());
    const { before, after } = await changeLock(blobs, { scope, key }, release);
    if (isFree(before)) return toNotLocked(key);
    if (after === before) return toLockHeld(after, caller);
    await flush();
    return toJsonResponse(200, { v: 1, scope, key });
  },
});

const toNotLocked = (key: string): Response =>
  toProblemResponse(404, rejectField('key', 'a lock that somebody has', key, 'not-locked').problem);
