import * as v from 'valibot';
import type { LockCondition } from '../../../contracts/conditions.ts';
import type { ComputeRequest, TaskRequest } from '../../../contracts/job-request.ts';
import { taskLockScope } from '../../../contracts/task-locks.ts';
import { JobId } from '../../../contracts/ids.ts';
import { maxLeaseSeconds } from '../leases/lease.ts';
import { toForbidden } from '../json.ts';
import {
  toCallerName,
  hasScopeFor,
  mayAnswerComments,
  ownsLease,
  ownsOwner,
  mayUseLock,
  maySeeLocks,
  ownsOrigin,
  type Caller,
  type CallerScope,
  type WorkTarget,
} from './caller.ts';

/** Returns the task or algorithm that a request names. */
export const toWorkTarget = (request: ComputeRequest | TaskRequest): WorkTarget =>
  'taskName' in request
    ? { kind: 'task', name: request.taskName }
    : { kind: 'compute', name: request.algorithm };

const fields = { task: 'taskName', compute: 'algorithm' } as const;
const nouns = { task: 'the task', compute: 'the algorithm' } as const;

/** Returns the 403 response if a caller does not have a scope for this work; undefined if it has. */
export const checkWork = (caller: Caller, scope: CallerScope, work: WorkTarget): Response | undefined => {
  if (hasScopeFor(caller, scope, work)) return undefined;
  const message = `This caller does not have the scope "${scope}" for ${nouns[work.kind]} ${work.name}.`;
  return toForbidden(message, fields[work.kind]);
};

/** Returns the 403 response if a caller cannot take or release a lock by hand; undefined if it can. */
export const checkLock = (caller: Caller, lock: LockName): Response | undefined =>
  mayUseLock(caller, 'approve', lock) ? undefined : toLockForbidden(lock, 'scope');

/**
 * Returns the 403 response if a caller cannot see the locks of a scope; undefined if it can.
 * @param owner the owner of the jobs that the request is about, if it names one repository
 */
export const checkLockScope = (
  caller: Caller,
  scope: string,
  owner: string | undefined,
): Response | undefined => {
  if (owner !== undefined && !ownsOwner(caller, owner))
    return toForbidden(`This caller can see only jobs of its own repositories, not of ${owner}.`, 'owner');
  if (maySeeLocks(caller, scope, owner)) return undefined;
  const remedy = scope === taskLockScope ? ' Name one of its repositories as "owner".' : '';
  return toForbidden(
    `This caller can see only the locks of its own repositories, not those of ${scope}.${remedy}`,
    'scope',
  );
};

type LockName = Pick<LockCondition, 'scope' | 'key'>;

const toLockForbidden = ({ scope, key }: LockName, field: string): Response =>
  toForbidden(`This caller is not allowed to use the lock ${key} of ${scope}.`, field);

/** The maximum time for which a guest can take a lease to write a reply, in seconds, because it blocks other writers. */
const maxReplySeconds = 60;

/**
 * Returns the 403 response for a caller that cannot use a lease of this name; undefined for one that can. A guest cannot undo the
 * claim of a comment, not even its own: it takes a claim for the maximum time and never releases it. Without `"entry": true` it cannot
 * claim a comment for the app, which would prevent the Action from answering.
 * @param lease `seconds`: the time for which the lease is taken; undefined if it is released
 */
export const checkLease = (
  caller: Caller,
  { name, holder, seconds }: { name: string; holder: string; seconds?: number },
): Response | undefined => {
  if (!ownsLease(caller, name))
    return toForbidden(`This caller can use only the leases of its own repository, not ${name}.`, 'name');
  if (caller.kind === 'platform') return undefined;
  // Workflow steps take leases of job ids; all other leases are for comments.
  const isOfComment = !v.is(JobId, name.split('/').at(-1));
  if (isOfComment && !mayAnswerComments(caller))
    return toForbidden(
      `This caller is not allowed to answer comments ("entry": false), so it cannot use ${name}.`,
      'name',
    );
  if (isOfComment && name.startsWith('entry/') && holder !== 'action' && !toCallerName(caller).entry)
    return toForbidden(
      'This caller can claim comments only for "action". For any other holder, its key or rule needs "entry": true.',
      'holder',
    );
  if (name.startsWith('entry/'))
    return seconds === maxLeaseSeconds
      ? undefined
      : toForbidden(
          `${name} must be taken for ${maxLeaseSeconds} seconds, and cannot be released.`,
          'seconds',
        );
  return seconds === undefined || seconds <= maxReplySeconds
    ? undefined
    : toForbidden(`This caller can take ${name} for at most ${maxReplySeconds} seconds.`, 'seconds');
};

/** Returns the 403 response if a caller cannot take over a guest's lease; undefined if it can, as the platform and entries can. */
export const checkTakeOver = (caller: Caller): Response | undefined =>
  toCallerName(caller).entry
    ? undefined
    : toForbidden('Only the platform and callers with "entry": true can take over a lease.', 'takeOver');

/** Returns the 403 response if a caller cannot start this request; undefined if it can. */
export const checkStart = (caller: Caller, request: ComputeRequest | TaskRequest): Response | undefined => {
  if (!ownsOrigin(caller, request.origin)) {
    const message = `This caller can start only jobs of its own repository, and "origin" must name it.`;
    return toForbidden(message, 'origin.repository.id');
  }
  const work = toWorkTarget(request);
  const refusal = checkWork(caller, 'start', work);
  if (refusal) return refusal;
  const unusable = request.conditions?.locks.find((lock) => !mayUseLock(caller, 'start', lock, work));
  return unusable && toLockForbidden(unusable, 'conditions.locks');
};

/**
 * Returns the group of callers that share a lease; undefined if all callers share it. All bots share their leases, and all entries
 * share the claims of comments. A guest has its own leases of replies and steps, so that no other key can block it. All workflows of a
 * repository that can answer comments write replies under one name, so they share the leases of replies.
 */
export const getLeaseSpace = (caller: Caller, name: string): string | undefined => {
  if (caller.kind === 'platform') return undefined;
  const isReply = name.startsWith('reply/');
  if (!isReply && !v.is(JobId, name.split('/').at(-1))) return undefined;
  const { kind, name: callerName } = caller.shown;
  return isReply && kind === 'workflow' && mayAnswerComments(caller) ? kind : `${kind} ${callerName}`;
};
