import type { Backoff } from '../../runtime/async/backoff.ts';
import { createConcurrencyLimit } from '../../runtime/async/concurrency.ts';
import { retry } from '../../runtime/async/retry.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Queue } from '../../compute/storage/port.ts';
import type { BlobCreatedEvent } from './blob-created-event.ts';

/** Posts a group of events to the handler. @throws if the handler does not accept them */
export type PostEvents = (events: readonly BlobCreatedEvent[], signal: AbortSignal) => Promise<void>;

/** The handler rejected a delivery permanently. */
class EventRejectedError extends Error {
  override name = 'EventRejectedError';
}

/** Event Grid does not retry after these statuses. */
const permanentStatuses = [400, 401, 403, 404, 413];
/** How long Event Grid waits for a response. */
const timeoutMilliseconds = 30_000;

/**
 * Returns a function that posts events to a webhook as Event Grid does.
 * @param url such as `…/runtime/webhooks/eventgrid?functionName=ComputeComplete`
 * @param key the system key, which is sent in a header
 */
export const createWebhookPost =
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
    const message = `The handler responded with ${response.status}`;
    throw permanentStatuses.includes(response.status) ? new EventRejectedError(message) : new Error(message);
  };

/** The maximum number of messages that are sent at once. */
const maxSending = 16;

/** Returns a function that sends each event as a message to a storage queue, in base64, as Event Grid does. */
export const createQueuePost = (queue: Pick<Queue, 'send'>): PostEvents => {
  const limit = createConcurrencyLimit(maxSending);
  return async (events) => {
    await Promise.all(events.map((event) => limit(() => queue.send(JSON.stringify(event)))));
  };
};

/** The delays add up to about 30 s on average. By then, a listing of the outputs has found what the events report. */
const backoff: Backoff = { minMilliseconds: 500, maxMilliseconds: 30_000 };
const maxAttempts = 8;

/** Delivers a group of events. If all attempts fail, logs that the events are dropped. Never rejects. */
export const deliverEvents = async (
  post: PostEvents,
  events: readonly BlobCreatedEvent[],
  log: Logger,
  stop: AbortSignal,
): Promise<void> => {
  const isRetryable = (error: unknown): boolean => !(error instanceof EventRejectedError);
  try {
    await retry(() => post(events, stop), { backoff, maxAttempts, isRetryable, signal: stop });
  } catch (error) {
    log.warn({ err: error, events: events.length }, 'events were dropped');
  }
};
