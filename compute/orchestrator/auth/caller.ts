import type { CallerName } from '../../../contracts/caller.ts';
import type { LockCondition } from '../../../contracts/conditions.ts';
import type { Origin } from '../../../contracts/origin.ts';
import { taskLockScope } from '../../../contracts/task-locks.ts';

/**
 * What a caller can be allowed to do. `start`: start and cancel jobs, upload inputs. `read`: see jobs, logs, tasks, locks. `approve`:
 * approve and reject, take and release locks by hand.
 */
export const scopes = ['start', 'read', 'approve'] as const;
export type CallerScope = (typeof scopes)[number];

/** A list of names, or all names. */
type NameList = '*' | readonly string[];

/** What one key or trust rule allows. A single grant must allow all of a request. */
export type Grant = {
  scopes: readonly CallerScope[];
  /** The tasks that can be started and approved. */
  tasks: NameList;
  /** The algorithms whose compute jobs can be started and approved. */
  algorithms: NameList;
  /** The locks that can be used, see `LockPrefix`; all locks of the caller's repositories if undefined. */
  locks?: readonly LockPrefix[] | undefined;
  /** Whether its holder is an entry, which verifies the people that it names. If false, its holder cannot claim comments. */
  entry?: boolean | undefined;
};

/** All locks of a scope with this key prefix. */
export type LockPrefix = { scope: string; key: string };

/** The repositories to which a caller is restricted, by their numeric ids; on any host without `host`. */
export type Repositories = { host?: string; ids: readonly number[] };

/** A caller of the HTTP API. The platform itself is allowed everything. */
export type Caller =
  | { kind: 'platform' }
  | {
      kind: 'guest';
      /** For the log. */
      name: string;
      /** Its name for other callers. */
      shown: Pick<CallerName, 'kind' | 'name'>;
      grants: readonly Grant[];
      /** Undefined if it has access to the jobs of all repositories, and to jobs without a repository. */
      repositories: Repositories | undefined;
    };

/** Returns a caller's name in the form that jobs, approvals and locks store. */
export const toCallerName = (caller: Caller): CallerName =>
  caller.kind === 'platform'
    ? { kind: 'platform', name: 'the platform', entry: true }
    : { ...caller.shown, entry: caller.grants.some(({ entry }) => entry === true) };

/** The work of a job: one task, or one algorithm on many inputs. */
export type WorkTarget = { kind: 'task' | 'compute'; name: string };

/** Returns whether a caller has a scope for any work. */
export const hasScope = (caller: Caller, scope: CallerScope): boolean =>
  caller.kind === 'platform' || caller.grants.some((grant) => grant.scopes.includes(scope));

/** Returns whether a caller has a scope for this work. */
export const hasScopeFor = (caller: Caller, scope: CallerScope, work: WorkTarget): boolean =>
  caller.kind === 'platform' || caller.grants.some((grant) => isGrantFor(grant, scope, work));

const isGrantFor = (grant: Grant, scope: CallerScope, { kind, name }: WorkTarget): boolean => {
  const names = kind === 'task' ? grant.tasks : grant.algorithms;
  return grant.scopes.includes(scope) && (names === '*' || names.includes(name));
};

/** Returns whether jobs of this origin belong to the caller's repositories. A job without a host matches the caller's host. */
export const ownsOrigin = (caller: Caller, { host, repository }: Origin): boolean => {
  if (caller.kind === 'platform' || !caller.repositories) return true;
  return repository !== undefined && isAmong(caller.repositories, host, repository.id);
};

/** Returns whether a caller can use a lock for a request: a single grant must allow scope, work and lock. */
export const mayUseLock = (
  caller: Caller,
  scope: CallerScope,
  lock: Pick<LockCondition, 'scope' | 'key'>,
  work?: WorkTarget,
): boolean =>
  caller.kind === 'platform' ||
  caller.grants.some(
    (grant) =>
      (work ? isGrantFor(grant, scope, work) : grant.scopes.includes(scope)) && hasLock(grant, caller, lock),
  );

const hasLock = (
  { locks }: Grant,
  caller: Caller,
  { scope, key }: Pick<LockCondition, 'scope' | 'key'>,
): boolean =>
  locks
    ? locks.some((prefix) => prefix.scope === scope && key.startsWith(prefix.key))
    : ownsLocks(caller, scope);

/**
 * Returns whether a caller can list the locks of this scope: those of its own repositories, those that a grant names, and the locks in
 * definitions that concern one of its repositories. `maySeeLock` filters them.
 * @param owner the owner of the jobs that the request is about, if it names one repository
 */
export const maySeeLocks = (caller: Caller, lockScope: string, owner: string | undefined): boolean =>
  ownsLocks(caller, lockScope) ||
  (lockScope === taskLockScope && owner !== undefined) ||
  (caller.kind === 'guest' &&
    caller.grants.some(({ locks }) => locks?.some(({ scope }) => scope === lockScope)));

/** Returns whether a caller can see a lock of a scope that it can list: a single grant must allow reading and this lock. */
export const maySeeLock = (
  caller: Caller,
  lock: Pick<LockCondition, 'scope' | 'key'>,
  owner: string | undefined,
): boolean =>
  caller.kind === 'platform' ||
  caller.grants.some(
    (grant) =>
      grant.scopes.includes('read') &&
      (hasLock(grant, caller, lock) || (!grant.locks && lock.scope === taskLockScope && owner !== undefined)),
  );

/** Returns whether the jobs of an owner, as `toOwner` returns it, belong to the caller's repositories. */
export const ownsOwner = (caller: Caller, owner: string): boolean => {
  if (caller.kind === 'platform' || !caller.repositories) return true;
  const [, host = '', id] = /^(.*)\/(\d{1,15})$/.exec(owner) ?? [];
  return id !== undefined && isAmong(caller.repositories, host === '' ? undefined : host, Number(id));
};

/** Returns whether a scope belongs to the caller's repositories: `<host>/<repository id>`, optionally with `#…`. */
const ownsLocks = (caller: Caller, lockScope: string): boolean => {
  if (caller.kind === 'platform' || !caller.repositories) return true;
  const [, host, id] = /^([^/#]+)\/(\d{1,15})(?:#.*)?$/.exec(lockScope) ?? [];
  return isAmong(caller.repositories, host, Number(id));
};

/** Returns whether a caller can claim comments and write replies: one of its grants has `start` and not `entry: false`. */
export const mayAnswerComments = (caller: Caller): boolean =>
  caller.kind === 'platform' ||
  caller.grants.some(({ scopes: granted, entry }) => granted.includes('start') && entry !== false);

/**
 * Returns whether a caller can use a lease of this name: `entry/` or `reply/`, `<host>/<repository id>/` of its repositories, and one
 * more segment. All other leases, such as the leader election of the bots, belong to the platform.
 */
export const ownsLease = (caller: Caller, name: string): boolean => {
  if (caller.kind === 'platform') return true;
  const [, host, id] = /^(?:entry|reply)\/([^/]+)\/(\d{1,15})\/[^/]+$/.exec(name) ?? [];
  if (host === undefined) return false;
  return !caller.repositories || isAmong(caller.repositories, host, Number(id));
};

const isAmong = (repositories: Repositories, host: string | undefined, id: number): boolean =>
  repositories.ids.includes(id) && (host ?? repositories.host) === (repositories.host ?? host);

/**
 * A credential without a known owner. `nobody`: it is missing or invalid. `unverified`: it cannot be verified at the moment. `reason`
 * is for the log, never for the caller.
 */
export type UnverifiedCredential =
  | { outcome: 'nobody'; reason: string }
  | { outcome: 'unverified'; reason: string; error: Error };

/** The owner of a credential. `untrusted`: it is valid, but no rule trusts its owner; the response contains the reason. */
export type CredentialIdentity =
  | { outcome: 'known'; caller: Caller }
  | { outcome: 'untrusted'; reason: string }
  | UnverifiedCredential;
