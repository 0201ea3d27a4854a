import * as v from 'valibot';
import { UnexpectedAnswer, type Octokit } from '../../chatops/github/api-client.ts';
import type { Logger } from '../../runtime/log.ts';
import { Loop } from '../poll-loop.ts';
import type { BotMetrics } from '../metrics.ts';
import { Delivery, planRedelivery, windowMilliseconds } from './select-deliveries.ts';

export type RedeliveryOptions = {
  /** Authenticated as the app itself. */
  app: Octokit;
  /** Between two looks, in milliseconds. */
  every: number;
  metrics: BotMetrics;
  log: Logger;
};

/** What we listen to. */
const events = ['issue_comment', 'pull_request'];
const pageSize = 100;
/** Bounds of one look. */
const maxPages = 20;
const maxAttempts = 50;

/** A second look soon after the start finds what failed while we were starting. */
const secondLook = 5_000;
/** A webhook that we have just failed is listed by then. */
const listed = 10_000;

/**
 * Asks GitHub for what it could not deliver, or what we could not take: at the start, and again every now and then. GitHub
 * sends nothing a second time by itself.
 */
export class Redelivery {
  readonly #options: RedeliveryOptions;
  readonly #loop: Loop;
  #looks = 0;
  #failing = false;

  constructor(options: RedeliveryOptions) {
    this.#options = options;
    this.#loop = new Loop(() => this.#look());
  }

  start(): void {
    this.#loop.wake();
  }

  /** A webhook was answered with a fault. */
  expect(): void {
    this.#loop.wake(listed);
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  async #look(): Promise<number> {
    const { every, log } = this.#options;
    try {
      const first = this.#looks === 0;
      const { due, next } = planRedelivery(await this.#list(), events, Date.now(), !first);
      await this.#ask(due.slice(0, maxAttempts));
      this.#looks += 1;
      this.#failing = false;
      return Math.min(every, next, first ? secondLook : Infinity);
    } catch (err) {
      if (!this.#failing) log.warn({ err }, 'failed deliveries cannot be asked for now');
      this.#failing = true;
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
      if (!read.success) throw new UnexpectedAnswer('GET /app/hook/deliveries has not the documented form');
      found.push(...read.output);
      cursor = nextCursor(headers?.link);
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

  async #ask(deliveries: readonly Delivery[]): Promise<void> {
    const { app, metrics, log } = this.#options;
    for (const { id, guid } of deliveries) {
      try {
        await app.request('POST /app/hook/deliveries/{delivery_id}/attempts', { delivery_id: id });
        metrics.redeliveries.inc();
        log.info({ delivery: guid }, 'a failed delivery was asked for again');
      } catch (err) {
        // One that GitHub does not give any more must not keep the others.
        log.warn({ err, delivery: guid }, 'a failed delivery could not be asked for');
      }
    }
  }
}

/** The cursor of the next page in a `Link` header. */
const nextCursor = (link: string | undefined): string | undefined => {
  const next = /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1];
  return next === undefined ? undefined : (new URL(next).searchParams.get('cursor') ?? undefined);
};
