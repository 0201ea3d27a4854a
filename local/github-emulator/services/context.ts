import type { EmulatorStore } from '../store/store.ts';
import type { WebhookSender } from '../webhooks/webhook-sender.ts';
import type { WebhookEvents } from '../webhooks/webhook-events.ts';

/** Something on an issue's page is not as it was: one comment, new, changed or gone; without one, what stands around them. */
export type PageChange = { issue: number; comment: number | null };

/** What every activity works with. */
export type ServiceContext = {
  store: EmulatorStore;
  events: WebhookEvents;
  /** Puts an event down for the app, as part of a commit. */
  enqueueEvent: WebhookSender['put'];
  /** Tells open pages, after the commit. */
  notifyPages: (change: PageChange) => void;
  /** Keeps all of it or none, then sends the events. */
  commit: <T>(writes: () => T) => T;
};
