import type { Job, Lock, LockHolder } from '../../compute/client/index.ts';
import { scopeOf, sharedLockScope } from '../scope.ts';
import { spoken, type Intent } from '../command/index.ts';
import * as say from '../reply/answers/index.ts';
import { lockKeys } from '../policy/index.ts';
import { isMeant } from '../authorization.ts';
import { answered, refused, type Outcome, type Visit } from '../command-context.ts';
import { denial } from './require-permission.ts';

/**
 * `/locks`: who has which lock of this repository, and who waits; and the locks that definitions name, as far as jobs of this
 * repository have them or wait for them. The keys of others, and what their jobs are, stay theirs.
 */
export const showLocks = async ({ comment, ports: { jobs, locks } }: Visit): Promise<Outcome> => {
  const scope = scopeOf(comment);
  const lists = await Promise.all([scope, sharedLockScope].map((each) => locks.list(each, scope)));
  const all = lists.flat();
  const found = await Promise.all([...say.jobsInTable(all)].map((id) => jobs.get(id)));
  const known = new Map(found.flatMap((job): [string, Job][] => (job ? [[job.id, job]] : [])));
  return answered(say.locksTable(all, known), 'shown');
};

/** `/lock`: a person takes a lock, so that jobs wait. */
export const takeLock = async (
  { key, reason }: Extract<Intent, { kind: 'lock' }>,
  visit: Visit,
): Promise<Outcome> => {
  const denied = denial('/lock', await isMeant(visit.policy.locks.allow, visit), visit, lockKeys);
  if (denied) return denied;
  const { scope, by } = ours(visit);
  const { outcome, lock } = await visit.ports.locks.take({ scope, key, by, reason });
  return outcome === 'held'
    ? refused(say.lockHeld('/lock', lock), 'held', { allowed: true })
    : answered(say.locked(lock, outcome, spoken('/unlock', visit.grammar)), outcome);
};

/** `/unlock`: a person lets go of a lock; another person's only who may lock at all. */
export const releaseLock = async (
  { key }: Extract<Intent, { kind: 'unlock' }>,
  visit: Visit,
): Promise<Outcome> => {
  const decision = await isMeant(visit.policy.locks.allow, visit);
  // An app holds no lock of its own: what it would release is the person's.
  const denied =
    visit.comment.author.kind === 'person-via-app' ? denial('/unlock', decision, visit, lockKeys) : undefined;
  if (denied) return denied;
  const { locks } = visit.ports;
  const { scope, by } = ours(visit);
  const now = (await locks.list(scope)).find((lock) => lock.key === key);
  if (now && isLater(now, visit)) return refused(say.lockHeld('/unlock', now), 'held', { allowed: true });
  const done = await locks.release({ scope, by, key, force: decision.allowed });
  if (done.outcome === 'released') {
    const moves = now?.waiting.map(({ job }) => job) ?? [];
    return answered(say.unlocked(key, now && othersIn(now, by.id)), 'released', { moves });
  }
  if (done.outcome === 'not-locked') return refused(say.notLocked(key), 'not-locked', { allowed: true });
  return (
    denial('/unlock', decision, visit, lockKeys) ??
    refused(say.lockHeld('/unlock', done.lock), 'held', { allowed: true })
  );
};

/** The persons besides this one who have a lock. */
const othersIn = ({ holders }: Lock, id: string): LockHolder[] =>
  holders.filter((holder) => holder.kind === 'person' && holder.person.id !== id);

/** The clocks of GitHub and the orchestrator may differ by so much, in milliseconds. */
const clockMargin = 60_000;

/** Whether a lock was taken after the comment was written: delivered late, it must not let go of what came after it. */
const isLater = ({ holders }: Lock, { comment }: Visit): boolean =>
  holders.some(({ since }) => Date.parse(since) > Date.parse(comment.comment.createdAt) + clockMargin);

const ours = ({ comment }: Visit) => ({
  scope: scopeOf(comment),
  by: { id: String(comment.author.id), name: comment.author.login },
});
