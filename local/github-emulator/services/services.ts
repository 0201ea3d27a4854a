import type { WebhookSender } from '../webhooks/webhook-sender.ts';
import type { WebhookEvents } from '../webhooks/webhook-events.ts';
import type { EmulatorStore } from '../store/store.ts';
import { createCommentService, type CommentService } from './comments.ts';
import { createMergeService, type MergeService } from './merges.ts';
import { createFileService, type FileService } from './files.ts';
import { createIssueService, type IssueService } from './issues.ts';
import { createReviewService, type ReviewService } from './reviews.ts';
import type { PageChange } from './context.ts';

/** The operations of people and of the app. Each stores its result together with the event that it causes before it returns. */
export type EmulatorServices = CommentService &
  IssueService &
  ReviewService &
  FileService &
  MergeService & {
    /** Calls the listener on each change until the returned function is called. */
    watch(listener: (change: PageChange) => void): () => void;
  };

/** Returns the operations on a store. Row and event are committed together; then the webhook is sent and open pages are notified. */
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
    ...createMergeService(work),
    ...createReviewService(work),
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
