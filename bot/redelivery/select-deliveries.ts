import * as v from 'valibot';

/** One attempt of a delivery, as `GET /app/hook/deliveries` lists it. Attempts of the same webhook have the same `guid`. */
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

/** GitHub can redeliver a webhook for three days. */
export const windowMilliseconds = 3 * 86_400_000;

const initialDelayMilliseconds = 10_000;
const maxDelayMilliseconds = 3 * 3_600_000;

/** The deliveries to request again, newest first, and the milliseconds until another one is due. */
type DeliverySelection = { due: Delivery[]; next: number };

/**
 * Selects the webhooks of some events that have not succeeded. The delay doubles with each attempt.
 * @param now milliseconds since 1970
 * @param hasBackoff false to ignore earlier attempts, which may have failed because the bot was down
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
