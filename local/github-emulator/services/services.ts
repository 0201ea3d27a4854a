import type { Courier } from '../webhooks/webhook-sender.ts';
import type { Events } from '../webhooks/webhook-events.ts';
import type { Store } from '../store/store.ts';
import { commentsOn, type CommentActivity } from './comments.ts';
import { filesOn, type FileActivity } from './files.ts';
import { issuesOn, type IssueActivity } from './issues.ts';
import type { Change } from './context.ts';

/** Everything that people and the app do here. Each is kept, together with the event it causes, before it returns. */
export type Activity = CommentActivity &
  IssueActivity &
  FileActivity & {
    /** Calls the listener at each change, until the returned function is called. */
    watch(listener: (change: Change) => void): () => void;
  };

/** What can be done on a store: event and row are committed as one, then the app and the pages are told. */
export const activityOn = (
  store: Store,
  events: Events,
  courier: Pick<Courier, 'put' | 'wake'>,
): Activity => {
  const listeners = new Set<(change: Change) => void>();
  const work = {
    store,
    events,
    tell: courier.put,
    changed: (change: Change) => listeners.forEach((listener) => listener(change)),
    commit: <T>(writes: () => T): T => {
      const result = store.atomically(writes);
      courier.wake();
      return result;
    },
  };
  return {
    ...commentsOn(work),
    ...issuesOn(work),
    ...filesOn(work),
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
