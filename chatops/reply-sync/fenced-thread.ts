import type { Thread } from '../github/ports.ts';
import type { WriteGuard } from '../lease/reply-lease.ts';

type Limit = <T>(call: () => Promise<T>) => Promise<T>;

/** Decides when calls on a thread are made. A limit that is omitted lets its calls through. */
export type ThreadBudget = {
  /** Creates or edits a comment. */
  write?: Limit;
  react?: (react: () => Promise<void>) => Promise<void>;
  /** Searches for a comment of ours. */
  search?: Limit;
  /** Reads reactions. */
  read?: Limit;
};

const unlimited: Limit = (call) => call();

/** Returns a thread whose calls wait for a budget, and whose writes are fenced: `fence` throws if the reply is no longer ours to write. */
export const createFencedThread = (
  thread: Thread,
  { fence = () => {}, budget = {} }: { fence?: WriteGuard; budget?: ThreadBudget },
): Thread => {
  const { write = unlimited, react = unlimited, search = unlimited, read = unlimited } = budget;
  // The lease may expire while the budget delays the write.
  const fenced: Limit = (call) =>
    write(async () => {
      fence();
      return call();
    });
  return {
    findReply: (comment) => search(() => thread.findReply(comment)),
    findOwnComment: (since, matches) => search(() => thread.findOwnComment(since, matches)),
    create: (body) => fenced(() => thread.create(body)),
    edit: (reply, body) => fenced(() => thread.edit(reply, body)),
    react: (comment, reaction) => react(() => thread.react(comment, reaction)),
    getCachedReactions: (comment) => thread.getCachedReactions(comment),
    hasReacted: (comment) => read(() => thread.hasReacted(comment)),
  };
};
