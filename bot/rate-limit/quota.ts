import { LRUCache } from 'lru-cache';
import * as v from 'valibot';
import type { BotMetrics } from '../metrics.ts';

/** What GitHub said last of an installation's calls: how many are left of how many, until when (milliseconds since 1970). */
type RateLimitQuota = { remaining: number; limit: number; resetsAt: number };

const number = v.pipe(v.string(), v.regex(/^\d{1,12}$/), v.transform(Number));
const Headers = v.object({
  'x-ratelimit-remaining': number,
  'x-ratelimit-limit': number,
  'x-ratelimit-reset': number,
  /** Search and the like have quotas of their own. */
  'x-ratelimit-resource': v.optional(v.literal('core')),
});

/** The quota left to each installation, as the headers of GitHub's answers tell it; shown as a metric. */
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

  /** Takes note of an answer's headers; those of a server without limits say nothing. */
  record(installation: number, headers: unknown): void {
    const read = v.safeParse(Headers, headers);
    if (!read.success) return;
    const { 'x-ratelimit-remaining': remaining, 'x-ratelimit-limit': limit } = read.output;
    this.#quotas.set(installation, { remaining, limit, resetsAt: read.output['x-ratelimit-reset'] * 1_000 });
    this.#metrics.quotaLeft.set({ installation }, remaining);
  }

  /** Whether less than a share (0 to 1) of an installation's calls is left. An unknown quota, or one that is full again, is not low. */
  isBelow(share: number, installation: number): boolean {
    const quota = this.#quotas.get(installation);
    return quota !== undefined && quota.resetsAt > Date.now() && quota.remaining < quota.limit * share;
  }
}
