import * as v from 'valibot';
import { LockKey, LockScope, Person, type Lock } from '../../../contracts/conditions.ts';
import type { Blobs } from '../../storage/port.ts';
import { toCallerName } from '../auth/caller.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { checkLock } from '../auth/authorize.ts';
import { isHeldByPerson, acquireByPerson } from '../locks/lock.ts';
import { changeLock } from '../locks/lock-store.ts';
import { toJsonResponse, toBadRequest } from './answers.ts';
import { parseBody } from '../json.ts';
import { toLockHeld } from './lock-held.ts';
import { Reason } from './reason.ts';

const TakeLockBody = v.object({ scope: LockScope, key: LockKey, by: Person, reason: Reason });

/**
 * `POST /api/locks {"scope", "key", "by", "reason"}`: a person takes a lock by hand. 409 with the lock if a job or another person
 * has it.
 */
export const takeLock = ({ blobs, flush }: { blobs: Blobs; flush: () => Promise<void> }): GuardedRoute => ({
  name: 'LockByHand',
  method: 'POST',
  path: 'locks',
  needs: 'approve',
  handle: async (httpRequest, _parameters, _client, caller) => {
    const body = await parseBody(TakeLockBody, httpRequest);
    if (!body.ok) return toBadRequest(body.problem);
    const refusal = checkLock(caller, body.value);
    if (refusal) return refusal;
    const { by, reason } = body.value;
    const take = (lock: Lock) =>
      acquireByPerson(lock, by, reason, new Date().toISOString(), toCallerName(caller));
    const { before, after } = await changeLock(blobs, body.value, take);
    if (!isHeldByPerson(after, by)) return toLockHeld(after, caller);
    await flush();
    return toJsonResponse(200, { v: 1, outcome: after === before ? 'yours' : 'taken', lock: after });
  },
});
