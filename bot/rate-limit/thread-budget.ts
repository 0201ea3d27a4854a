import type { ThreadBudget } from '../../chatops/reply-sync/fenced-thread.ts';
import { WriteDelayedError, type WriteBudget, type WriteTarget } from './write-budget.ts';

/**
 * Returns the limits of a conversation on a thread: comments and reactions are charged to an installation's budget, and all calls
 * respect GitHub's rate limits. With a `person` in the target, writes are charged to the readers. A reaction is dropped if the
 * budget has no room, because it must not delay the reply.
 */
export const toThreadBudget = (budget: WriteBudget, target: WriteTarget): Required<ThreadBudget> => {
  const isReader = target.person !== undefined;
  const call = <T>(made: () => Promise<T>) => budget.call(target.installation, made);
  return {
    search: call,
    read: call,
    write: (write) => budget.write(target, isReader ? 'reader' : 'reply', write),
    react: async (react) => {
      try {
        await budget.write(target, isReader ? 'reader-reaction' : 'reaction', react);
      } catch (error) {
        if (!(error instanceof WriteDelayedError)) throw error;
      }
    },
  };
};
