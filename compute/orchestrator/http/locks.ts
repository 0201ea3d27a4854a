import * as v from 'valibot';
import { LockOwner, LockScope, type Lock } from '../../../contracts/conditions.ts';
import { read } from '../../../contracts/problem.ts';
import { taskLockScope } from '../../../contracts/task-locks.ts';
import type { Blobs } from '../../storage/port.ts';
import { maySeeLock, ownsOwner } from '../auth/caller.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { lockScopeRefusal } from '../auth/authorize.ts';
import { isSameOwner } from '../job/job-ids.ts';
import { listLocks as list } from '../locks/lock-store.ts';
import { hasShownJob, shownLock } from '../locks/redacted-lock.ts';
import { json, refused } from './answers.ts';

const Query = v.object({ scope: LockScope, owner: v.optional(LockOwner) });

/**
 * `GET /api/locks?scope=&owner=` returns the locks of a scope that are held or waited for, as far as the caller can see them. With
 * `owner`, it only counts the jobs of other repositories, and leaves out the locks of definitions that no job of the owner holds or
 * waits for, because their keys contain another repository's values.
 */
export const listLocks = ({ blobs }: { blobs: Blobs }): GuardedRoute => ({
  name: 'ListLocks',
  method: 'GET',
  path: 'locks',
  needs: 'read',
  handle: async (httpRequest, _parameters, _client, caller) => {
    const given = new URL(httpRequest.url).searchParams;
    const query = read(Query, {
      scope: given.get('scope') ?? undefined,
      owner: given.get('owner') ?? undefined,
    });
    if (!query.ok) return refused(query.problem);
    const { scope, owner } = query.value;
    const refusal = lockScopeRefusal(caller, scope, owner);
    if (refusal) return refusal;
    const sees = (other: string) =>
      ownsOwner(caller, other) && (owner === undefined || isSameOwner(owner, other));
    const locks: Lock[] = [];
    for await (const lock of list(blobs, scope)) {
      if (!maySeeLock(caller, lock, owner)) continue;
      const shown = shownLock(lock, sees);
      if (owner === undefined || scope !== taskLockScope || hasShownJob(shown)) locks.push(shown);
    }
    return json(200, { v: 1, locks });
  },
});
