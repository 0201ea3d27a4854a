import type { Thread } from '../../chatops/github/port.ts';
import type { WriteBudget } from './write-budget.ts';

/** A thread whose comments count as news in an installation's budget, and whose calls heed GitHub's rate limits. */
export const meteredThread = (thread: Thread, budget: WriteBudget, installation: number): Thread => {
  const call = <T>(made: () => Promise<T>) => budget.call(installation, made);
  const write = <T>(made: () => Promise<T>) => budget.write(installation, 'news', made);
  return {
    findReply: (comment) => call(() => thread.findReply(comment)),
    findOurs: (since, matches) => call(() => thread.findOurs(since, matches)),
    create: (body) => write(() => thread.create(body)),
    edit: (reply, body) => write(() => thread.edit(reply, body)),
    react: (comment, reaction) => call(() => thread.react(comment, reaction)),
    reactionsSeen: (comment) => thread.reactionsSeen(comment),
    hasReacted: (comment) => call(() => thread.hasReacted(comment)),
  };
};
