import type { CallerName } from '../../../contracts/caller.ts';
import type { LockCondition } from '../../../contracts/conditions.ts';
import type { Origin } from '../../../contracts/origin.ts';
import { taskLockScope } from '../../../contracts/task-locks.ts';

/**
 * What a caller may do. `start`: start and cancel jobs, upload inputs. `read`: see jobs, logs, tasks, locks. `approve`: approve and
 * reject, take and release locks by hand.
 */
export const scopes = ['start', 'read', 'approve'] as const;
export type CallerScope = (typeof scopes)[number];

/** Some names, or all. */
type NameList = '*' | readonly string[];

/** What one key, or one rule of trust, allows. A request is allowed if one grant alone allows all of it. */
export type Grant = {
  scopes: readonly CallerScope[];
  /** The tasks that may be started and approved. */
  tasks: NameList;
  /** The algorithms of which compute jobs may be started and approved. */
  algorithms: NameList;
  /** The locks that can be used, see `LockPrefix`; all locks of the caller's repositories if undefined. */
  locks?: readonly LockPrefix[] | undefined;
  /** Whether its holder is an entry, which has verified the people that it names. If false, it cannot claim comments either. */
  entry?: boolean | undefined;
};

/** All locks of a scope with this key prefix. */
export type LockPrefix = { scope: string; key: string };

/** The repositories that a caller is confined to, by their numeric ids; on any host if none is named. */
export type Repositories = { host?: string; ids: readonly number[] };

/** Whoever calls the HTTP API. The platform itself may do everything. */
export type Caller =
  | { kind: 'platform' }
  | {
      kind: 'guest';
      /** For the log. */
      name: string;
      /** What other callers see of it. */
      shown: Pick<CallerName, 'kind' | 'name'>;
      grants: readonly Grant[];
      /** Undefined: jobs of all repositories, and those of none. */
      repositories: Repositories | undefined;
    };

/** Returns a caller's name as jobs, approvals and locks store it. */
export const toCallerName = (caller: Caller): CallerName =>
  caller.kind === 'platform'
    ? { kind: 'platform', name: 'the platform', entry: true }
    : { ...caller.shown, entry: caller.grants.some(({ entry }) => entry === true) };

/** What a job does: one task, or one algorithm on many inputs. */
export type WorkTarget = { kind: 'task' | 'compute'; name: string };

/** Whether a caller has a scope, whatever it is for. */
export const hasScope = (caller: Caller, scope: CallerScope): boolean =>
  caller.kind === 'platform' || caller.grants.some((grant) => grant.scopes.includes(scope));

/** Whether a caller has a scope for this work. */
export const hasScopeFor = (caller: Caller, scope: CallerScope, work: WorkTarget): boolean =>
  caller.kind === 'platform' || caller.grants.some((grant) => isGrantFor(grant, scope, work));

const isGrantFor = (grant: Grant, scope: CallerScope, { kind, name }: WorkTarget): boolean => {
  const names = kind === 'task' ? grant.tasks : grant.algorithms;
  return grant.scopes.includes(scope) && (names === '*' || names.includes(name));
};

/** Whether jobs of this origin are the caller's business. A job that names no host is on the caller's. */
export const ownsOrigin = (caller: Caller, { host, repository }: Origin): boolean => {
  if (caller.kind === 'platform' || !caller.repositories) return true;
  return repository !== undefined && isAmong(caller.repositories, host, repository.id);
};

/** Returns whether the caller can use a lock for a request: a single grant must allow scope, work and lock. */
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
 * Whether the caller may ask for the locks of this scope: those of its own repositories, those that a grant names, and of the locks
 * that definitions name those that concern one of its repositories. Which of them it sees, `maySeeLock` says.
 * @param owner whose jobs it asks about, if it names one repository
 */
export const maySeeLocks = (caller: Caller, lockScope: string, owner: string | undefined): boolean =>
  ownsLocks(caller, lockScope) ||
  (lockScope === taskLockScope && owner !== undefined) ||
  (caller.kind === 'guest' &&
    caller.grants.some(({ locks }) => locks?.some(({ scope }) => scope === lockScope)));

/** Whether the caller may see a lock of a scope for which it may ask: one grant alone has to allow reading and this lock. */
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

/** Whether jobs of an owner, as `ownerOf` names it, are the caller's business. */
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

/** Returns whether a caller can claim comments and write replies: it has a grant with `start` and without `entry: false`. */
export const mayAnswerComments = (caller: Caller): boolean =>
  caller.kind === 'platform' ||
  caller.grants.some(({ scopes: granted, entry }) => granted.includes('start') && entry !== false);

/**
 * Whether a lease of this name is the caller's business: `entry/` or `reply/`, `<host>/<repository id>/`, and something behind it. All
 * others, such as who leads the bots, are the platform's.
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
 * Who a credential belongs to, if that is not known. `nobody`: it is missing or no good. `unverified`: that cannot be told now.
 * `reason` is for the log, never for the caller.
 */
export type UnverifiedCredential =
  | { outcome: 'nobody'; reason: string }
  | { outcome: 'unverified'; reason: string; fault: Error };

/** Who a credential belongs to. `untrusted`: it is good, and its owner may do nothing here; it is told the reason. */
export type CredentialIdentity =
  | { outcome: 'known'; caller: Caller }
  | { outcome: 'untrusted'; reason: string }
  | UnverifiedCredential;
