import * as v from 'valibot';
import { UnexpectedResponseError, type Octokit } from '../../chatops/github/api-client.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Clock } from '../../runtime/async/clock.ts';
import { PollLoop } from '../../runtime/async/poll-loop.ts';
import { subscribedEvents } from '../install/manifest.ts';
import type { BotMetrics } from '../metrics.ts';
import { Delivery, selectDeliveries, windowMilliseconds } from './select-deliveries.ts';

type RedeliveryOptions = {
  /** Authenticated as the app itself. */
  app: Octokit;
  /** The interval between polls. */
  intervalMilliseconds: number;
  metrics: BotMetrics;
  log: Logger;
  clock?: Clock;
};

const pageSize = 100;
/** Bounds of one poll. */
const maxPages = 20;
const maxAttempts = 50;

/** The delay of the second poll, which finds deliveries that failed during the start. */
const secondPollDelay = 5_000;
/** The time after which GitHub lists a delivery that has just failed. */
const listingDelay = 10_000;

/**
 * Polls GitHub for failed deliveries, at the start and in an interval, and requests them again. GitHub does not redeliver by
 * itself.
 */
export class Redelivery {
  readonly #options: RedeliveryOptions;
  readonly #loop: PollLoop;
  #polls = 0;
  #isFailing = false;

  constructor(options: RedeliveryOptions) {
    this.#options = options;
    this.#loop = new PollLoop(() => this.#poll(), options.clock);
  }

  start(): void {
    this.#loop.wake();
  }

  /** Polls soon, because a webhook was answered with an error. */
  expectFailure(): void {
    this.#loop.wake(listingDelay);
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #poll(): Promise<number> {
    const { intervalMilliseconds: every, log } = this.#options;
    try {
      const first = this.#polls === 0;
      const { due, next } = selectDeliveries(await this.#list(), subscribedEvents, Date.now(), !first);
      await this.#requestRedelivery(due.slice(0, maxAttempts));
      this.#polls += 1;
      this.#isFailing = false;
      return Math.min(every, next, first ? secondPollDelay : Infinity);
    } catch (err) {
      if (!this.#isFailing) log.warn({ err }, 'could not poll for failed deliveries: retrying');
      this.#isFailing = true;
      return every;
    }
  }

  async #list(): Promise<Delivery[]> {
    const found: Delivery[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < maxPages; page += 1) {
      const parameters = { per_page: pageSize, ...(cursor === undefined ? {} : { cursor }) };
      const { data, headers } = await this.#options.app.request('GET /app/hook/deliveries', parameters);
      const read = v.safeParse(v.array(Delivery), data);
      if (!read.success)
        throw new UnexpectedResponseError('GET /app/hook/deliveries did not return the documented form');
      found.push(...read.output);
      cursor = getNextCursor(headers?.link);
      const oldest = read.output.at(-1);
      if (
        cursor === undefined ||
        !oldest ||
        Date.parse(oldest.delivered_at) < Date.now() - windowMilliseconds
      )
        break;
    }
    return found;
  }

  async #requestRedelivery(deliveries: readonly Delivery[]): Promise<void> {
    const { app, metrics, log } = this.#options;
    for (const { id, guid } of deliveries) {
      try {
        await app.request('POST /app/hook/deliveries/{delivery_id}/attempts', { delivery_id: id });
        metrics.redeliveries.inc();
        log.info({ delivery: guid }, 'requested a failed delivery again');
      } catch (err) {
        // A delivery that GitHub no longer has must not block the others.
        log.warn({ err, delivery: guid }, 'could not request a failed delivery again');
      }
    }
  }
}

/** Returns the cursor of the next page from a `Link` header. */
const getNextCursor = (link: string | undefined): string | undefined => {
  const next = /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1];
  return next === undefined ? undefined : (new URL(next).searchParams.get('cursor') ?? undefined);
};
