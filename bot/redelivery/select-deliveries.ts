import * as v from 'valibot';

/** A delivery as `GET /app/hook/deliveries` lists it: one attempt; attempts at the same webhook share their `guid`. */
export const Delivery = v.object({
  id: v.number(),
  guid: v.string(),
  delivered_at: v.string(),
  status_code: v.nullable(v.number()),
  event: v.string(),
  /** In words, such as `timed out`. */
  status: v.optional(v.string()),
});
export type Delivery = v.InferOutput<typeof Delivery>;

/** GitHub sends a webhook again for three days after it came up. */
export const windowMilliseconds = 3 * 86_400_000;

const initialDelayMilliseconds = 10_000;
const maxDelayMilliseconds = 3 * 3_600_000;

/** What to ask for again, newest first, and in how many milliseconds the next of the others is due. */
export type DeliverySelection = { due: Delivery[]; next: number };

/**
 * Which webhooks of some events nobody has taken yet. Each further attempt waits twice as long as the one before.
 * @param now milliseconds since 1970
 * @param hasBackoff false to ask at once whatever was tried before: what failed may have failed because we were down
 */
export const selectDeliveries = (
  deliveries: readonly Delivery[],
  events: readonly string[],
  now: number,
  hasBackoff: boolean,
): DeliverySelection => {
  const recent = deliveries.filter(
    (one) => events.includes(one.event) && Date.parse(one.delivered_at) > now - windowMilliseconds,
  );
  const failed = [...Map.groupBy(recent, ({ guid }) => guid).values()].filter(
    (attempts) => !attempts.some(hasSucceeded) && !isGivenUp(attempts),
  );
  const waiting = failed.map((attempts) => {
    const [newest] = attempts.toSorted((a, b) => b.delivered_at.localeCompare(a.delivered_at)) as [Delivery];
    const wait = hasBackoff
      ? Math.min(maxDelayMilliseconds, initialDelayMilliseconds * 2 ** (attempts.length - 1))
      : 0;
    return { newest, left: Date.parse(newest.delivered_at) + wait - now };
  });
  return {
    due: waiting.filter(({ left }) => left <= 0 || !hasBackoff).map(({ newest }) => newest),
    next: Math.min(...waiting.map(({ left }) => left).filter((left) => left > 0)),
  };
};

/** Returns whether a pull request's check timed out twice. Anyone can open a pull request, and it would time out every time. */
const isGivenUp = (attempts: readonly Delivery[]): boolean =>
  attempts.filter((one) => one.event === 'pull_request' && hasTimedOut(one)).length > 1;

/** Returns whether no answer came in time. GitHub then records the status 504, or none. */
const hasTimedOut = ({ status, status_code: code }: Delivery): boolean =>
  status?.toLowerCase() === 'timed out' || code === null || code === 0 || code === 504;

const hasSucceeded = ({ status_code: code }: Delivery): boolean => code !== null && code >= 200 && code < 300;
