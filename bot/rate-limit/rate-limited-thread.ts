import type { Thread } from '../../chatops/github/ports.ts';
import { WriteDelayedError, type WriteBudget, type WriteTarget } from './write-budget.ts';

/**
 * Wraps a thread so that its comments and reactions are charged to an installation's budget, and its calls respect GitHub's rate
 * limits. With a `person` in the target, they are charged to the readers. A reaction is dropped if the budget has no room,
 * because it must not delay the reply.
 */
export const rateLimitThread = (thread: Thread, budget: WriteBudget, target: WriteTarget): Thread => {
  const isReader = target.person !== undefined;
  const call = <T>(made: () => Promise<T>) => budget.call(target.installation, made);
  const write = <T>(made: () => Promise<T>) => budget.write(target, isReader ? 'reader' : 'reply', made);
  return {
    findReply: (comment) => call(() => thread.findReply(comment)),
    findOurs: (since, matches) => call(() => thread.findOurs(since, matches)),
    create: (body) => write(() => thread.create(body)),
    edit: (reply, body) => write(() => thread.edit(reply, body)),
    react: async (comment, reaction) => {
      const react = () => thread.react(comment, reaction);
      try {
        await budget.write(target, isReader ? 'reader-reaction' : 'reaction', react);
      } catch (error) {
        if (!(error instanceof WriteDelayedError)) throw error;
      }
    },
    reactionsSeen: (comment) => thread.reactionsSeen(comment),
    hasReacted: (comment) => call(() => thread.hasReacted(comment)),
  };
};
