import { createHmac, randomUUID } from 'node:crypto';

import type { Logger } from '../../../runtime/log.ts';
import { installationId } from '../accounts.ts';
import type { DeliveryRow, DeliveryRows, DeliveryOutcome } from '../store/deliveries.ts';
import type { WebhookEvent } from './webhook-events.ts';

/** The receiver of webhooks, and the secret that signs them. */
export type WebhookTarget = { appId: number; secret: string; url: string | (() => string) };

/** Delivers each event to the app once. A failed delivery is repeated only on request. */
export type WebhookSender = {
  /** Stores an event for delivery, as part of the caller's transaction. `wake` then sends it. */
  put(event: WebhookEvent): void;
  /** Stores a redelivery, with the same guid. */
  enqueueRedelivery(delivery: DeliveryRow): void;
  /** Starts sending the waiting deliveries. */
  wake(): void;
  /** Aborts running attempts, which are recorded as failed, and leaves the rest for the next start. */
  close(): Promise<void>;
};

// GitHub's own limits: it waits 10 s for a response, and a delivery can be repeated for 3 days.
const timeoutMilliseconds = 10_000;
const retentionDays = 3;
// Our own limits: a bot that edits its reply for hours causes a delivery per edit, and the folder must not grow with them.
const maxDeliveries = 5_000;
const pruneEvery = 100;
const maxConcurrency = 8;
const maxResponseLength = 10_000;
const timedOut = { status: 'timed out', statusCode: 504 };

/** Starts the webhook sender. Deliveries that a crash interrupted count as failed; those not attempted yet are sent. */
export const startWebhookSender = (
  deliveries: DeliveryRows,
  hook: WebhookTarget,
  log: Logger,
): WebhookSender => {
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();
  let free = maxConcurrency;
  deliveries.failInterrupted(timedOut);
  deliveries.prune(retentionDays, maxDeliveries);

  const send = async (delivery: DeliveryRow): Promise<void> => {
    free -= 1;
    try {
      const outcome = await attemptDelivery(delivery, { deliveries, hook, closing: closing.signal, log });
      if (delivery.id % pruneEvery === 0) deliveries.prune(retentionDays, maxDeliveries);
      const { id, guid, event } = delivery;
      const fields = { delivery: id, guid, event, status: outcome.status };
      log[outcome.statusCode < 400 ? 'debug' : 'warn'](fields, 'webhook delivered');
    } catch (err) {
      // The store failed, so the next delivery would fail, too.
      return log.error({ err, delivery: delivery.id }, 'could not send a webhook');
    } finally {
      free += 1;
    }
    wake();
  };
  const wake = (): void => {
    if (closing.signal.aborted) return;
    for (const delivery of deliveries.listWaiting(free)) {
      const sending = send(delivery).finally(() => running.delete(sending));
      running.add(sending);
    }
  };
  wake();
  return {
    put: ({ event, action, payload }) =>
      void deliveries.insert({
        guid: randomUUID(),
        event,
        action,
        payload: JSON.stringify(payload),
        redelivery: 0,
      }),
    enqueueRedelivery: ({ guid, event, action, payload }) =>
      void deliveries.insert({ guid, event, action, payload, redelivery: 1 }),
    wake,
    close: async () => {
      closing.abort();
      await Promise.all(running);
    },
  };
};

type AttemptContext = { deliveries: DeliveryRows; hook: WebhookTarget; closing: AbortSignal; log: Logger };

/** Sends a delivery once, and records the attempt before and its outcome after. */
const attemptDelivery = async (
  delivery: DeliveryRow,
  { deliveries, hook, closing, log }: AttemptContext,
): Promise<DeliveryOutcome> => {
  const url = resolveUrl(hook, log);
  const headers = buildHeaders(delivery, hook);
  deliveries.recordAttempt(delivery.id, { url, requestHeaders: JSON.stringify(headers) });
  const outcome = await postDelivery(url, headers, delivery.payload, closing);
  deliveries.recordOutcome(delivery.id, outcome);
  return outcome;
};

/** Returns the app's current address; empty if it is unknown, so that the attempt fails like one to an unreachable host. */
const resolveUrl = ({ url }: WebhookTarget, log: Logger): string => {
  try {
    return typeof url === 'function' ? url() : url;
  } catch (err) {
    log.warn({ err }, 'the address for webhooks is unknown');
    return '';
  }
};

const buildHeaders = (delivery: DeliveryRow, { appId, secret }: WebhookTarget): Record<string, string> => {
  const signature = (algorithm: string) =>
    `${algorithm}=${createHmac(algorithm, secret).update(delivery.payload).digest('hex')}`;
  return {
    Accept: '*/*',
    'Content-Type': 'application/json',
    'User-Agent': 'GitHub-Hookshot/sandbox',
    'X-GitHub-Delivery': delivery.guid,
    'X-GitHub-Event': delivery.event,
    'X-GitHub-Hook-ID': String(installationId),
    'X-GitHub-Hook-Installation-Target-ID': String(appId),
    'X-GitHub-Hook-Installation-Target-Type': 'integration',
    'X-Hub-Signature': signature('sha1'),
    'X-Hub-Signature-256': signature('sha256'),
  };
};

/** Sends one POST request. Never throws: each error is an outcome, in GitHub's terms. */
const postDelivery = async (
  url: string,
  headers: Record<string, string>,
  body: string,
  closing: AbortSignal,
): Promise<DeliveryOutcome> => {
  const begin = performance.now();
  const signal = AbortSignal.any([closing, AbortSignal.timeout(timeoutMilliseconds)]);
  const outcome = (
    ended: { status: string; statusCode: number },
    answered: object = {},
    text = '',
  ): DeliveryOutcome => ({
    ...ended,
    duration: Math.round(performance.now() - begin) / 1000,
    responseHeaders: JSON.stringify(answered),
    responsePayload: text.slice(0, maxResponseLength),
  });
  try {
    // A separate connection, so that none stays open when the app stops.
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, Connection: 'close' },
      body,
      signal,
      redirect: 'manual',
    });
    const text = await response.text();
    const status = response.ok ? 'OK' : `Invalid HTTP Response: ${response.status}`;
    return outcome({ status, statusCode: response.status }, Object.fromEntries(response.headers), text);
  } catch {
    return outcome(signal.aborted ? timedOut : { status: 'failed to connect to host', statusCode: 502 });
  }
};
