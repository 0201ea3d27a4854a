import type { Job, Lock, LockHolder } from '../../compute/client/index.ts';
import { toScope, sharedLockScope } from '../scope.ts';
import { withPrefix, type Intent } from '../command/index.ts';
import * as say from '../reply/answers/index.ts';
import { lockRuleKeys } from '../policy/index.ts';
import { evaluateForAuthor } from '../authorization.ts';
import { answerWith, refuse, type CommandOutcome, type CommandContext } from '../command-context.ts';
import { refuseIfDenied } from './require-permission.ts';

/**
 * `/locks`: who has which lock of this repository, and who waits; and the locks that definitions name, as far as jobs of this
 * repository have them or wait for them. The keys of others, and what their jobs are, stay theirs.
 */
export const showLocks = async ({
  comment,
  ports: { jobs, locks },
}: CommandContext): Promise<CommandOutcome> => {
  const scope = toScope(comment);
  const lists = await Promise.all([scope, sharedLockScope].map((each) => locks.list(each, scope)));
  const all = lists.flat();
  const found = await Promise.all([...say.getListedJobs(all)].map((id) => jobs.get(id)));
  const known = new Map(found.flatMap((job): [string, Job][] => (job ? [[job.id, job]] : [])));
  return answerWith(say.renderLocks(all, known), 'shown');
};

/** `/lock`: a person takes a lock, so that jobs wait. */
export const takeLock = async (
  { key, reason }: Extract<Intent, { kind: 'lock' }>,
  visit: CommandContext,
): Promise<CommandOutcome> => {
  const denied = refuseIfDenied(
    '/lock',
    await evaluateForAuthor(visit.policy.locks.allow, visit),
    visit,
    lockRuleKeys,
  );
  if (denied) return denied;
  const { scope, by } = toLockRequest(visit);
  const { outcome, lock } = await visit.ports.locks.take({ scope, key, by, reason });
  return outcome === 'held'
    ? refuse(say.renderLockHeld('/lock', lock), 'held', { allowed: true })
    : answerWith(say.renderLocked(lock, outcome, withPrefix('/unlock', visit.grammar)), outcome);
};

/** `/unlock`: a person lets go of a lock; another person's only who may lock at all. */
export const releaseLock = async (
  { key }: Extract<Intent, { kind: 'unlock' }>,
  visit: CommandContext,
): Promise<CommandOutcome> => {
  const decision = await evaluateForAuthor(visit.policy.locks.allow, visit);
  // An app holds no lock of its own: what it would release is the person's.
  const denied =
    visit.comment.author.kind === 'person-via-app'
      ? refuseIfDenied('/unlock', decision, visit, lockRuleKeys)
      : undefined;
  if (denied) return denied;
  const { locks } = visit.ports;
  const { scope, by } = toLockRequest(visit);
  const now = (await locks.list(scope)).find((lock) => lock.key === key);
  if (now && wasTakenLater(now, visit))
    return refuse(say.renderLockHeld('/unlock', now), 'held', { allowed: true });
  const done = await locks.release({ scope, by, key, force: decision.allowed });
  if (done.outcome === 'released') {
    const moves = now?.waiting.map(({ job }) => job) ?? [];
    return answerWith(say.renderUnlocked(key, now && listOtherPersons(now, by.id)), 'released', { moves });
  }
  if (done.outcome === 'not-locked') return refuse(say.renderNotLocked(key), 'not-locked', { allowed: true });
  return (
    refuseIfDenied('/unlock', decision, visit, lockRuleKeys) ??
    refuse(say.renderLockHeld('/unlock', done.lock), 'held', { allowed: true })
  );
};

/** The persons besides this one who have a lock. */
const listOtherPersons = ({ holders }: Lock, id: string): LockHolder[] =>
  holders.filter((holder) => holder.kind === 'person' && holder.person.id !== id);

/** The clocks of GitHub and the orchestrator may differ by so much, in milliseconds. */
const maxClockSkew = 60_000;

/** Whether a lock was taken after the comment was written: delivered late, it must not let go of what came after it. */
const wasTakenLater = ({ holders }: Lock, { comment }: CommandContext): boolean =>
  holders.some(({ since }) => Date.parse(since) > Date.parse(comment.comment.createdAt) + maxClockSkew);

const toLockRequest = ({ comment }: CommandContext) => ({
  scope: toScope(comment),
  by: { id: String(comment.author.id), name: comment.author.login },
});
