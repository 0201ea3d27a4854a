import * as v from 'valibot';
import { LockKey, LockScope, Person, type Lock } from '../../../contracts/conditions.ts';
import type { Blobs } from '../../storage/port.ts';
import { callerName } from '../auth/caller.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { lockRefusal } from '../auth/authorize.ts';
import { isHeldByPerson, takenByPerson } from '../locks/lock.ts';
import { changeLock } from '../locks/lock-store.ts';
import { json, refused } from './answers.ts';
import { bodyAs } from '../json.ts';
import { lockHeld } from './lock-held.ts';
import { Reason } from './reason.ts';

const Body = v.object({ scope: LockScope, key: LockKey, by: Person, reason: Reason });

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
    const asked = await bodyAs(Body, httpRequest);
    if (!asked.ok) return refused(asked.problem);
    const refusal = lockRefusal(caller, asked.value);
    if (refusal) return refusal;
    const { by, reason } = asked.value;
    const take = (lock: Lock) =>
      takenByPerson(lock, by, reason, new Date().toISOString(), callerName(caller));
    const { before, after } = await changeLock(blobs, asked.value, take);
    if (!isHeldByPerson(after, by)) return lockHeld(after, caller);
    await flush();
    return json(200, { v: 1, outcome: after === before ? 'yours' : 'taken', lock: after });
  },
});
