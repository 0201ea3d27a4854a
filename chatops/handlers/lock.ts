import type { Lock } from '../../compute/client/index.ts';
import { evaluateForAuthor } from '../authorization.ts';
import type { CommandContext } from '../command-context.ts';
import { answerWith, refuse, type Refusal } from '../command-outcome.ts';
import { withPrefix } from '../command/index.ts';
import { lockRuleKeys } from '../policy/index.ts';
import * as answers from '../reply/answers/index.ts';
import { toScope } from '../incoming-comment.ts';
import type { Handler } from './handler.ts';
import { getJobs } from './locks.ts';
import { refuseIfDenied } from './require-permission.ts';

/** `/lock`: acquires a lock for a person, so that jobs wait for it. */
export const lock: Handler<'lock'> = async ({ intent: { key, reason } }, context) => {
  const decision = await evaluateForAuthor(context.policy.locks.allow, context);
  const denied = refuseIfDenied('/lock', decision, lockRuleKeys, context);
  if (denied) return denied;
  const taken = await context.ports.locks.take({ ...getLockOwner(context), key, reason });
  return taken.outcome === 'held'
    ? refuseHeld('/lock', taken.lock, context)
    : answerWith(
        answers.renderLocked(taken.lock, taken.outcome, withPrefix('/unlock', context.grammar)),
        taken.outcome,
      );
};

/** Refuses a command because someone else holds the lock. */
export const refuseHeld = async (command: string, lock: Lock, context: CommandContext): Promise<Refusal> => {
  const jobs = await getJobs(answers.getListedJobs([lock]), context);
  return refuse(answers.renderLockHeld(command, lock, jobs), 'held', { allowed: true });
};

/** Returns the repository and the person for which a lock is acquired or released. */
export const getLockOwner = ({ comment }: CommandContext) => ({
  scope: toScope(comment),
  by: { id: String(comment.author.id), name: comment.author.login },
});
