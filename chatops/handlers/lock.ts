import { evaluateForAuthor } from '../authorization.ts';
import type { CommandContext } from '../command-context.ts';
import { answerWith, refuse } from '../command-outcome.ts';
import { withPrefix } from '../command/index.ts';
import { lockRuleKeys } from '../policy/index.ts';
import * as answers from '../reply/answers/index.ts';
import { toScope } from '../incoming-comment.ts';
import type { Handler } from './handler.ts';
import { refuseIfDenied } from './require-permission.ts';

/** `/lock`: acquires a lock for a person, so that jobs wait for it. */
export const lock: Handler<'lock'> = async ({ intent: { key, reason } }, context) => {
  const decision = await evaluateForAuthor(context.policy.locks.allow, context);
  const denied = refuseIfDenied('/lock', decision, lockRuleKeys, context);
  if (denied) return denied;
  const taken = await context.ports.locks.take({ ...getLockOwner(context), key, reason });
  return taken.outcome === 'held'
    ? refuse(answers.renderLockHeld('/lock', taken.lock), 'held', { allowed: true })
    : answerWith(
        answers.renderLocked(taken.lock, taken.outcome, withPrefix('/unlock', context.grammar)),
        taken.outcome,
      );
};

/** Returns the repository and the person for which a lock is acquired or released. */
export const getLockOwner = ({ comment }: CommandContext) => ({
  scope: toScope(comment),
  by: { id: String(comment.author.id), name: comment.author.login },
});
