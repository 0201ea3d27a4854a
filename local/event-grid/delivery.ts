import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../../runtime/log.ts';
import type { BlobCreatedEvent } from './blob-created-event.ts';

/** Hands one group of events to their handler. @throws if it did not take them */
export type PostEvents = (events: readonly BlobCreatedEvent[], signal: AbortSignal) => Promise<void>;

/** A handler said for good that it does not take a delivery. */
export class EventRejectedError extends Error {
  override name = 'EventRejectedError';
}

/** Event Grid gives up on these at once. */
const permanentStatuses = [400, 401, 403, 404, 413];
/** Event Grid waits so long for an answer. */
const timeoutMilliseconds = 30_000;

/** Posts events as Event Grid does, with a system key in a header. */
export const createPost =
  (url: string, key: string): PostEvents =>
  async (events, signal) => {
    const headers = {
      'content-type': 'application/json',
      'aeg-event-type': 'Notification',
      'x-functions-key': key,
    };
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: JSON.stringify(events),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMilliseconds)]),
    });
    await response.body?.cancel();
    if (response.ok) return;
    const message = `The handler answered ${response.status}`;
    throw permanentStatuses.includes(response.status) ? new EventRejectedError(message) : new Error(message);
  };

/** Waits before further tries, in milliseconds: some 30 s in all. What comes later than that, a listing has found. */
const retryDelays = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000];

/** Delivers a group of events, trying again within a bound; then they are dropped. Never rejects. */
export const deliverEvents = async (
  post: PostEvents,
  events: readonly BlobCreatedEvent[],
  log: Logger,
  stop: AbortSignal,
): Promise<void> => {
  for (const wait of [...retryDelays, undefined]) {
    try {
      return await post(events, stop);
    } catch (error) {
      const isLast = wait === undefined || error instanceof EventRejectedError || stop.aborted;
      if (!isLast && (await passed(wait, stop))) continue;
      log.warn({ err: error, events: events.length }, 'events were dropped');
      return;
    }
  }
};

/** False: it was stopped. */
const passed = (milliseconds: number, stop: AbortSignal): Promise<boolean> =>
  pause(milliseconds, true, { signal: stop }).catch(() => false);
