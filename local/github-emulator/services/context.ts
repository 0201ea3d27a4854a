import type { EmulatorStore } from '../store/store.ts';
import type { WebhookSender } from '../webhooks/webhook-sender.ts';
import type { WebhookEvents } from '../webhooks/webhook-events.ts';

/** A change on an issue's page: of one comment, which was added, edited or deleted; or, if null, of the parts around the comments. */
export type PageChange = { issue: number; comment: number | null };

/** The dependencies of all services. */
export type ServiceContext = {
  store: EmulatorStore;
  events: WebhookEvents;
  /** Stores an event for delivery to the app, as part of a commit. */
  enqueueEvent: WebhookSender['put'];
  /** Notifies open pages, after the commit. */
  notifyPages: (change: PageChange) => void;
  /** Commits all writes or none, then sends the events. */
  commit: <T>(writes: () => T) => T;
};
