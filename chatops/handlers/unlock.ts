import type { Lock, LockHolder } from '../../compute/client/index.ts';
import { evaluateForAuthor } from '../authorization.ts';
import type { CommandContext } from '../command-context.ts';
import { answerWith, refuse } from '../command-outcome.ts';
import { lockRuleKeys } from '../policy/index.ts';
import * as answers from '../reply/answers/index.ts';
import type { Handler } from './handler.ts';
import { getLockOwner, refuseHeld } from './lock.ts';
import { refuseIfDenied } from './require-permission.ts';

/** `/unlock`: releases a person's lock. Releasing the lock of another person requires the permission to lock. */
export const unlock: Handler<'unlock'> = async ({ intent: { key } }, context) => {
  const decision = await evaluateForAuthor(context.policy.locks.allow, context);
  const denied = refuseIfDenied('/unlock', decision, lockRuleKeys, context);
  // An app has no locks of its own: it would release the person's lock.
  if (denied && context.comment.author.kind === 'person-via-app') return denied;
  const { locks } = context.ports;
  const { scope, by } = getLockOwner(context);
  const current = (await locks.list(scope)).find((lock) => lock.key === key);
  if (current && wasTakenLater(current, context)) return refuseHeld('/unlock', current, context);
  const released = await locks.release({ scope, by, key, force: decision.allowed });
  if (released.outcome === 'released') {
    const moves = current?.waiting.map(({ job }) => job) ?? [];
    const others = current && listOtherPersons(current, by.id);
    return answerWith(answers.renderUnlocked(key, others), 'released', { moves });
  }
  if (released.outcome === 'not-locked')
    return refuse(answers.renderNotLocked(key), 'not-locked', { allowed: true });
  return denied ?? refuseHeld('/unlock', released.lock, context);
};

/** Returns the other people who hold a lock. */
const listOtherPersons = ({ holders }: Lock, id: string): LockHolder[] =>
  holders.filter((holder) => holder.kind === 'person' && holder.person.id !== id);

/** The maximum difference between the clocks of GitHub and the orchestrator, in milliseconds. */
const maxClockSkew = 60_000;

/** Returns whether a lock was acquired after the comment was written: a late delivery must not release it. */
const wasTakenLater = ({ holders }: Lock, { comment }: CommandContext): boolean =>
  holders.some(({ since }) => Date.parse(since) > Date.parse(comment.comment.createdAt) + maxClockSkew);
