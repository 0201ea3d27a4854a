import * as v from 'valibot';
import { LockOwner, LockScope, type Lock, LockKey, Person } from '../../../contracts/conditions.ts';
import { parseInput, rejectField } from '../../../contracts/problem.ts';
import { taskLockScope } from '../../../contracts/task-locks.ts';
import type { Blobs } from '../../storage/port.ts';
import { maySeeLock, ownsOwner, toCallerName, type Caller } from '../auth/caller.ts';
import type { GuardedRoute } from '../auth/guard.ts';
import { checkLockScope, checkLock } from '../auth/authorize.ts';
import { isSameOwner } from '../job/job-ids.ts';
import { listLocks as list, changeLock } from '../locks/lock-store.ts';
import { hasVisibleJob, redactLock } from '../locks/redacted-lock.ts';
import { toJsonResponse, toBadRequest, parseBody, toFieldResponse } from '../json.ts';
import { Reason } from './reason.ts';
import { isHeldByPerson, acquireByPerson, isFree, releaseByPerson } from '../locks/lock.ts';

const LocksQuery = v.object({ scope: LockScope, owner: v.optional(LockOwner) });

/**
 * `GET /api/locks?scope=&owner=`: the locks of a scope that have holders or waiting jobs and that the caller can see. With `owner`, jobs
 * of other repositories are only counted, and locks of definitions that no job of the owner holds or waits for are omitted, because
 * their keys contain another repository's values.
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

const TakeLockBody = v.object({ scope: LockScope, key: LockKey, by: Person, reason: Reason });

/**
 * `POST /api/locks {"scope", "key", "by", "reason"}`: takes a lock for a person. 409 with the lock if a job or another person has it.
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
      acquireByPerson(lock, { person: by, reason, via: toCallerName(caller) }, new Date().toISOString());
    const { before, after } = await changeLock(blobs, body.value, take);
    if (!isHeldByPerson(after, by)) return toLockHeld(after, caller);
    await flush();
    return toJsonResponse(200, { v: 1, outcome: after === before ? 'yours' : 'taken', lock: after });
  },
});

const ReleaseLockBody = v.object({
  scope: LockScope,
  key: LockKey,
  by: Person,
  force: v.optional(v.boolean(), false),
});

/**
 * `POST /api/locks/release {"scope", "key", "by", "force"}`: releases a person's lock; with `force`, also another person's. The next job
 * gets it. 404 if the lock is free, 409 with the lock if a job or, without `force`, another person has it.
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
  toFieldResponse(404, { code: 'not-locked', field: 'key', expected: 'a lock that is taken', received: key });

/** Builds a 409 response with a lock that a job or another person has. */
const toLockHeld = (lock: Lock, caller: Caller): Response => {
  const { problem } = rejectField(
    'key',
    'a lock that neither a job nor another person has',
    lock.key,
    'lock-held',
  );
  return toJsonResponse(409, { error: problem, lock: redactLock(lock, (owner) => ownsOwner(caller, owner)) });
};
