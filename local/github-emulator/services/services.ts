import type { WebhookSender } from '../webhooks/webhook-sender.ts';
import type { WebhookEvents } from '../webhooks/webhook-events.ts';
import type { EmulatorStore } from '../store/store.ts';
import { createCommentService, type CommentService } from './comments.ts';
import { createFileService, type FileService } from './files.ts';
import { createIssueService, type IssueService } from './issues.ts';
import type { PageChange } from './context.ts';

/** Everything that people and the app do here. Each is kept, together with the event it causes, before it returns. */
export type EmulatorServices = CommentService &
  IssueService &
  FileService & {
    /** Calls the listener at each change, until the returned function is called. */
    watch(listener: (change: PageChange) => void): () => void;
  };

/** What can be done on a store: event and row are committed as one, then the app and the pages are told. */
export const createServices = (
  store: EmulatorStore,
  events: WebhookEvents,
  webhookSender: Pick<WebhookSender, 'put' | 'wake'>,
): EmulatorServices => {
  const listeners = new Set<(change: PageChange) => void>();
  const work = {
    store,
    events,
    enqueueEvent: webhookSender.put,
    notifyPages: (change: PageChange) => listeners.forEach((listener) => listener(change)),
    commit: <T>(writes: () => T): T => {
      const result = store.transaction(writes);
      webhookSender.wake();
      return result;
    },
  };
  return {
    ...createCommentService(work),
    ...createIssueService(work),
    ...createFileService(work),
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
