import { createHmac, randomUUID } from 'node:crypto';

import type { Logger } from '../../../runtime/log.ts';
import { installationId } from '../accounts.ts';
import type { Delivery, DeliveryRows, Outcome } from '../store/deliveries.ts';
import type { Event } from './webhook-events.ts';

/** Where webhooks go, and how they are signed. */
export type Hook = { appId: number; secret: string; url: string | (() => string) };

/** Brings events to the app, each once; what fails stays failed until somebody asks for it again. */
export type Courier = {
  /** Puts an event down for delivery, as part of the caller's transaction; `wake` sends it afterwards. */
  put(event: Event): void;
  /** Puts a delivery down once more, with the same guid. */
  putAgain(delivery: Delivery): void;
  /** Sends what waits; returns at once. */
  wake(): void;
  /** Cuts off what is under way (it is recorded as failed), and leaves the rest for the next start. */
  close(): Promise<void>;
};

// GitHub's own limits: it waits 10 s for an answer, and a delivery can be asked for again during 3 days.
const answerMilliseconds = 10_000;
const retentionDays = 3;
// Ours: a bot that edits its reply for hours is told of each edit, and the folder must not grow with it.
const keptDeliveries = 5_000;
const pruneEvery = 100;
const atOnce = 8;
const keptAnswer = 10_000;
const timedOut = { status: 'timed out', statusCode: 504 };

/** Starts the courier: deliveries that a crash cut off count as failed, those not yet attempted are sent. */
export const startCourier = (deliveries: DeliveryRows, hook: Hook, log: Logger): Courier => {
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();
  let free = atOnce;
  deliveries.endInterrupted(timedOut);
  deliveries.prune(retentionDays, keptDeliveries);

  const send = async (delivery: Delivery): Promise<void> => {
    const url = addressOf(hook, log);
    const headers = headersFor(delivery, hook);
    deliveries.attempt(delivery.id, { url, requestHeaders: JSON.stringify(headers) });
    const outcome = await attempt(url, headers, delivery.payload, closing.signal);
    deliveries.end(delivery.id, outcome);
    if (delivery.id % pruneEvery === 0) deliveries.prune(retentionDays, keptDeliveries);
    const told = {
      delivery: delivery.id,
      guid: delivery.guid,
      event: delivery.event,
      status: outcome.status,
    };
    log[outcome.statusCode < 400 ? 'debug' : 'warn'](told, 'webhook delivered');
  };
  const work = async (delivery: Delivery): Promise<void> => {
    free -= 1;
    try {
      await send(delivery);
    } catch (err) {
      // The store failed: to go on with the next would only fail again.
      return log.error({ err, delivery: delivery.id }, 'a webhook could not be sent');
    } finally {
      free += 1;
    }
    wake();
  };
  const wake = (): void => {
    if (closing.signal.aborted) return;
    for (const delivery of deliveries.waiting(free)) {
      const working = work(delivery).finally(() => running.delete(working));
      running.add(working);
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
    putAgain: ({ guid, event, action, payload }) =>
      void deliveries.insert({ guid, event, action, payload, redelivery: 1 }),
    wake,
    close: async () => {
      closing.abort();
      await Promise.all(running);
    },
  };
};

/** The app's address now; empty if nobody knows it yet, and then the attempt fails as one to a host that is down. */
const addressOf = ({ url }: Hook, log: Logger): string => {
  try {
    return typeof url === 'function' ? url() : url;
  } catch (err) {
    log.warn({ err }, 'the address for webhooks is not known');
    return '';
  }
};

const headersFor = (delivery: Delivery, { appId, secret }: Hook): Record<string, string> => {
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

/** One POST. It never throws: whatever happens is an outcome, in GitHub's words. */
const attempt = async (
  url: string,
  headers: Record<string, string>,
  body: string,
  closing: AbortSignal,
): Promise<Outcome> => {
  const begin = performance.now();
  const signal = AbortSignal.any([closing, AbortSignal.timeout(answerMilliseconds)]);
  const outcome = (
    ended: { status: string; statusCode: number },
    answered: object = {},
    text = '',
  ): Outcome => ({
    ...ended,
    duration: Math.round(performance.now() - begin) / 1000,
    responseHeaders: JSON.stringify(answered),
    responsePayload: text.slice(0, keptAnswer),
  });
  try {
    // A connection of its own: nothing is left open when the app stops.
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
