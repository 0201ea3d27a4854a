import type { Thread } from '../github/ports.ts';
import type { WriteGuard } from '../lease/reply-lease.ts';

/** The thread, asking before each write whether the reply is still ours to write. */
export const fenceThread = (thread: Thread, held: WriteGuard): Thread => ({
  ...thread,
  create: async (body) => {
    held();
    return thread.create(body);
  },
  edit: async (id, body) => {
    held();
    return thread.edit(id, body);
  },
});
