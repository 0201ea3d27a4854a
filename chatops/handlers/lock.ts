import type { Lock, RequestedLockEnd } from '../../compute/client/index.ts';
import { evaluateForAuthor } from '../authorization.ts';
import type { CommandContext } from '../command-context.ts';
import { answerWith, refuse, type Refusal } from '../command-outcome.ts';
import { withPrefix, type LockEndIntent } from '../command/index.ts';
import { lockRuleKeys } from '../policy/index.ts';
import * as answers from '../reply/answers/index.ts';
import { toScope } from '../incoming-comment.ts';
import type { Handler } from './handler.ts';
import { getJobs } from './locks.ts';
import { refuseIfDenied } from './require-permission.ts';

/** `/lock`: acquires a lock for a person, so that jobs wait for it, or changes its end. */
export const lock: Handler<'lock'> = async ({ intent: { key, reason, end: requested } }, context) => {
  const decision = await evaluateForAuthor(context.policy.locks.allow, context);
  const denied = refuseIfDenied('/lock', decision, lockRuleKeys, context);
  if (denied) return denied;
  const { thread, threadState } = context.comment;
  if (requested?.untilClosed && (threadState.isClosed || thread.number === 0))
    return refuse(answers.renderNothingToClose(), 'nothing-to-close', { allowed: true });
  const end = toRequestedEnd(requested ?? context.policy.locks.end, context);
  const isChange = requested !== undefined || end !== null;
  const order = { ...getLockOwner(context), key, reason, ...(isChange ? { end } : {}) };
  const taken = await context.ports.locks.take(order);
  return taken.outcome === 'held'
    ? refuseHeld('/lock', taken.lock, context)
    : answerWith(
        answers.renderLocked(taken.lock, taken.outcome, {
          command: withPrefix('/unlock', context.grammar),
          hasRequestedEnd: end !== null,
        }),
        taken.outcome,
      );
};

/** Returns the end to request for a lock; null for none. In a closed thread, or without one, no lock ends with it by default. */
const toRequestedEnd = (
  { seconds, untilClosed }: LockEndIntent,
  { comment: { thread, threadState } }: CommandContext,
): RequestedLockEnd | null => {
  const number = untilClosed && !threadState.isClosed && thread.number > 0 ? thread.number : null;
  return seconds === null && number === null ? null : { seconds, thread: number };
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
