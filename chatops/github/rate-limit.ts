import * as v from 'valibot';

/** The part of Octokit's `RequestError` that tells of a limit; the names of headers are in lower case. */
const Refusal = v.object({
  status: v.picklist([403, 429]),
  message: v.string(),
  response: v.optional(
    v.object({
      headers: v.object({
        'retry-after': v.optional(v.unknown()),
        'x-ratelimit-remaining': v.optional(v.unknown()),
        'x-ratelimit-reset': v.optional(v.unknown()),
      }),
    }),
  ),
});

/** GitHub asks for a minute where a secondary limit names no time. */
const unnamedWait = 60_000;

/** Only once the second of the reset is over. */
const resetMargin = 1_000;

/**
 * How long GitHub asks us to wait, in milliseconds; undefined if an error tells of no rate limit, primary or secondary.
 * @param now milliseconds since 1970
 */
export const rateLimitOf = (error: unknown, now: number): number | undefined => {
  const refusal = v.safeParse(Refusal, error);
  if (!refusal.success) return undefined;
  const { status, message, response } = refusal.output;
  const headers = response?.headers ?? {};
  const seconds = secondsIn(headers['retry-after']);
  if (seconds !== undefined) return seconds * 1_000;
  const reset = secondsIn(headers['x-ratelimit-reset']);
  if (secondsIn(headers['x-ratelimit-remaining']) === 0 && reset !== undefined)
    return Math.max(0, reset * 1_000 + resetMargin - now);
  return status === 429 || /\brate limit/i.test(message) ? unnamedWait : undefined;
};

const secondsIn = (header: unknown): number | undefined => {
  const read = typeof header === 'string' || typeof header === 'number' ? Number(header) : Number.NaN;
  return Number.isFinite(read) && read >= 0 ? read : undefined;
};
