import * as v from 'valibot';
import {
  LockOwner,
  LockScope,
  type Lock,
  type LockEnd,
  LockKey,
  maxLockSeconds,
  Person,
} from '../../../contracts/conditions.ts';
import { integerInRange } from '../../../contracts/json-values.ts';
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
import { isHeldByPerson, acquireByPerson, isFree, releaseByPerson, releaseByThread } from '../locks/lock.ts';

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

const ThreadNumber = v.pipe(v.number(), v.integer(), v.minValue(1));

const TakeLockBody = v.object({
  scope: LockScope,
  key: LockKey,
  by: Person,
  reason: Reason,
  end: v.optional(
    v.nullable(
      v.object({
        seconds: v.optional(v.nullable(integerInRange(1, maxLockSeconds)), null),
        thread: v.optional(v.nullable(ThreadNumber), null),
      }),
    ),
  ),
});

/**
 * `POST /api/locks {"scope", "key", "by", "reason", "end"}`: takes a lock for a person, or changes the end of one that the person holds.
 * `end`: `{"seconds", "thread"}`, either of which can be null, or null for no end. 409 with the lock if a job or another person has it.
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
    const { by, reason, end } = body.value;
    const now = new Date();
    const request = { person: by, reason, via: toCallerName(caller), end: end && toLockEnd(end, now) };
    const { before, after } = await changeLock(blobs, body.value, (lock) =>
      acquireByPerson(lock, request, now.toISOString()),
    );
    if (!isHeldByPerson(after, by)) return toLockHeld(after, caller);
    await flush();
    const outcome = isHeldByPerson(before, by) ? 'yours' : 'taken';
    return toJsonResponse(200, { v: 1, outcome, lock: after });
  },
});

/** Returns the end of a lock as it is stored. The orchestrator's clock decides. */
const toLockEnd = (
  { seconds, thread }: { seconds: number | null; thread: number | null },
  now: Date,
): LockEnd | null =>
  seconds === null && thread === null
    ? null
    : { at: seconds === null ? null : new Date(now.getTime() + seconds * 1_000).toISOString(), thread };

const timeMessage = 'expected an ISO 8601 time';
const EndLocksBody = v.object({
  scope: LockScope,
  thread: ThreadNumber,
  takenBefore: v.pipe(
    v.string(timeMessage),
    v.check((text) => !Number.isNaN(Date.parse(text)), timeMessage),
    v.transform((text) => new Date(text).toISOString()),
  ),
});

/**
 * `POST /api/locks/end {"scope", "thread", "takenBefore"}`: a thread was closed, so releases the locks that end with it and were taken by
 * that time, as far as the caller can release them. 200 with their keys. The next jobs get them.
 */
export const endLocks = ({ blobs, flush }: { blobs: Blobs; flush: () => Promise<void> }): GuardedRoute => ({
  name: 'EndLocks',
  method: 'POST',
  path: 'locks/end',
  needs: 'approve',
  handle: async (httpRequest, _parameters, _client, caller) => {
    const body = await parseBody(EndLocksBody, httpRequest);
    if (!body.ok) return toBadRequest(body.problem);
    const released: string[] = [];
    const release = (lock: Lock) => releaseByThread(lock, body.value, new Date().toISOString());
    for await (const lock of list(blobs, body.value.scope)) {
      if (release(lock) === lock || checkLock(caller, lock)) continue;
      const { before, after } = await changeLock(blobs, lock, release);
      if (after !== before) released.push(lock.key);
    }
    if (released.length > 0) await flush();
    return toJsonResponse(200, { v: 1, released });
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
