import { LRUCache } from 'lru-cache';
import * as v from 'valibot';
import type { BotMetrics } from '../metrics.ts';

/** An installation's quota of calls, as GitHub last reported it. `resetsAt`: in milliseconds since 1970. */
type RateLimitQuota = { remaining: number; limit: number; resetsAt: number };

const number = v.pipe(v.string(), v.regex(/^\d{1,12}$/), v.transform(Number));
const Headers = v.object({
  'x-ratelimit-remaining': number,
  'x-ratelimit-limit': number,
  'x-ratelimit-reset': number,
  /** Other resources, such as search, have separate quotas. */
  'x-ratelimit-resource': v.optional(v.literal('core')),
});

/** Tracks the remaining quota of each installation from the headers of GitHub's responses, and exports it as a metric. */
export class RateLimitQuotas {
  readonly #quotas: LRUCache<number, RateLimitQuota>;
  readonly #metrics: Pick<BotMetrics, 'quotaLeft'>;

  constructor(metrics: Pick<BotMetrics, 'quotaLeft'>) {
    this.#metrics = metrics;
    this.#quotas = new LRUCache<number, RateLimitQuota>({
      max: 1_000,
      dispose: (_quota, installation, reason) => {
        if (reason !== 'set') metrics.quotaLeft.remove({ installation });
      },
    });
  }

  /** Records the headers of a response. A server without limits sends none. */
  record(installation: number, headers: unknown): void {
    const read = v.safeParse(Headers, headers);
    if (!read.success) return;
    const { 'x-ratelimit-remaining': remaining, 'x-ratelimit-limit': limit } = read.output;
    this.#quotas.set(installation, { remaining, limit, resetsAt: read.output['x-ratelimit-reset'] * 1_000 });
    this.#metrics.quotaLeft.set({ installation }, remaining);
  }

  /** Returns whether less than a share (0 to 1) of an installation's calls is left. An unknown or reset quota is not low. */
  isBelow(share: number, installation: number): boolean {
    const quota = this.#quotas.get(installation);
    return quota !== undefined && quota.resetsAt > Date.now() && quota.remaining < quota.limit * share;
  }
}
