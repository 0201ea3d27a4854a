import type { Store } from '../store/store.ts';
import type { Courier } from '../webhooks/webhook-sender.ts';
import type { Events } from '../webhooks/webhook-events.ts';

/** Something on an issue's page is not as it was: one comment, new, changed or gone; without one, what stands around them. */
export type Change = { issue: number; comment: number | null };

/** What every activity works with. */
export type Work = {
  store: Store;
  events: Events;
  /** Puts an event down for the app, as part of a commit. */
  tell: Courier['put'];
  /** Tells open pages, after the commit. */
  changed: (change: Change) => void;
  /** Keeps all of it or none, then sends the events. */
  commit: <T>(writes: () => T) => T;
};
