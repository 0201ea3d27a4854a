import * as v from 'valibot';
import { LockOwner, LockScope, type Lock } from '../../../contracts/conditions.ts';
import { parseInput } from '../../../contracts/problem.ts';
import { taskLockScope } from '../../../contracts/task-locks.ts';
import type { Blobs } from '../../storage/port.ts';
import { maySeeLock, ownsOwner } from '../auth/caller.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { checkLockScope } from '../auth/authorize.ts';
import { isSameOwner } from '../job/job-ids.ts';
import { listLocks as list } from '../locks/lock-store.ts';
import { hasVisibleJob, redactLock } from '../locks/redacted-lock.ts';
import { toJsonResponse, toBadRequest } from './answers.ts';

const LocksQuery = v.object({ scope: LockScope, owner: v.optional(LockOwner) });

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
    const search = new URL(httpRequest.url).searchParams;
    const query = parseInput(LocksQuery, {
      scope: search.get('scope') ?? undefined,
      owner: search.get('owner') ?? undefined,
    });
    if (!query.ok) return toBadRequest(query.problem);
    const { scope, owner } = query.value;
    const refusal = checkLockScope(caller, scope, owner);
    if (refusal) return refusal;
    const isVisible = (other: string) =>
      ownsOwner(caller, other) && (owner === undefined || isSameOwner(owner, other));
    const locks: Lock[] = [];
    for await (const lock of list(blobs, scope)) {
      if (!maySeeLock(caller, lock, owner)) continue;
      const redacted = redactLock(lock, isVisible);
      if (owner === undefined || scope !== taskLockScope || hasVisibleJob(redacted)) locks.push(redacted);
    }
    return toJsonResponse(200, { v: 1, locks });
  },
});
