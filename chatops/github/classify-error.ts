import * as v from 'valibot';
import { parseRetryAfter } from '../../runtime/async/retry-after.ts';

/*
 * Classifies GitHub's error responses, for the bot and the Action. Sources: docs.github.com, "Rate limits for the REST API",
 * "Best practices for using the REST API", "Troubleshooting the REST API", and the endpoints' own pages ("422: Validation failed, or
 * the endpoint has been spammed").
 */

/** An error response: its status, its headers with lower-case names, and its body as JSON or text. */
type FailedResponse = { status: number; headers: Readonly<Record<string, unknown>>; body: unknown };

/** What a failed call means for retrying it. */
export type ErrorKind =
  /** A rate limit. `retryAfterSeconds`: null if GitHub names no time; then back off exponentially from one minute. */
  | { kind: 'rate-limited'; retryAfterSeconds: number | null }
  /** An error of GitHub or the network: a retry may succeed. */
  | { kind: 'transient' }
  /** The thread or repository accepts no writes: it is locked, archived or full. */
  | { kind: 'locked-or-archived' }
  /** The credential is wrong or has expired. */
  | { kind: 'unauthorized' }
  /** The credential is not permitted to do this. */
  | { kind: 'forbidden' }
  /** The resource does not exist, or the credential cannot see it. */
  | { kind: 'not-found' }
  /** The request is invalid, or conflicts with the current state. */
  | { kind: 'invalid' };

const ErrorEntry = v.union([
  v.string(),
  v.looseObject({ code: v.optional(v.unknown()), message: v.optional(v.unknown()) }),
]);
const ErrorBody = v.looseObject({
  message: v.optional(v.string(), ''),
  errors: v.optional(v.unknown()),
  documentation_url: v.fallback(v.optional(v.string(), ''), ''),
});

/** Returns GitHub's own texts in a response, without the rejected values, which are untrusted. */
const extractText = (body: unknown): string => {
  const read = v.safeParse(ErrorBody, body);
  if (!read.success) return typeof body === 'string' ? body : '';
  const errors = v.safeParse(v.array(ErrorEntry), read.output.errors);
  const texts = (errors.success ? errors.output : []).flatMap((one) =>
    typeof one === 'string' ? [one] : [one.code, one.message],
  );
  const page = /#[\w-]*rate-limit/.exec(read.output.documentation_url)?.[0];
  return [read.output.message, ...texts, page].filter((word) => typeof word === 'string').join('\n');
};

/**
 * "You have exceeded a secondary rate limit", "API rate limit exceeded for …", "You have triggered an abuse detection mechanism",
 * "… temporarily blocked from content creation"; of a 422 the error "was submitted too quickly", or the code `abuse`.
 */
const rateLimitText =
  /\brate[ -]limit|\babuse\b|temporarily blocked from content creation|submitted too quickly|\bspammed\b/i;

/**
 * "Unable to create comment because issue is locked.", "Repository was archived so is read-only.", "Commenting is disabled on issues
 * with more than 2500 comments".
 */
const closedThreadText = /\blocked\b|\barchived\b|read-only|commenting is disabled|too many comments/i;

/** Added to the reset time, which has whole seconds. */
const resetMarginSeconds = 1;

/** Classifies an error response. @param clock our own time in milliseconds since 1970, for responses without a date */
export const classifyResponse = ({ status, headers, body }: FailedResponse, clock: number): ErrorKind => {
  const text = extractText(body);
  const now = parseDate(headers['date']) ?? clock;
  if (status === 403 || status === 422 || status === 429) {
    const wait = getRequestedWait(status, headers, now);
    if (wait !== undefined) return { kind: 'rate-limited', retryAfterSeconds: wait };
    if (status === 429 || rateLimitText.test(text)) return { kind: 'rate-limited', retryAfterSeconds: null };
    if (closedThreadText.test(text)) return { kind: 'locked-or-archived' };
  }
  if (status >= 500 || status === 408) return { kind: 'transient' };
  if (status === 401) return { kind: 'unauthorized' };
  if (status === 403 || status === 451) return { kind: 'forbidden' };
  if (status === 404 || status === 410) return { kind: 'not-found' };
  return { kind: 'invalid' };
};

/** Returns the wait that a response requests, in seconds: from `retry-after`, or else until an exhausted quota is reset. */
const getRequestedWait = (
  status: number,
  headers: FailedResponse['headers'],
  now: number,
): number | undefined => {
  const after = parseRetryAfter(headers['retry-after'], now);
  if (after !== undefined) return after;
  const reset = parseSeconds(headers['x-ratelimit-reset']);
  // An invalid request can use up the quota; its error is not a rate limit.
  if (status === 422 || parseSeconds(headers['x-ratelimit-remaining']) !== 0 || reset === undefined)
    return undefined;
  return Math.max(0, reset + resetMarginSeconds - now / 1_000);
};

/** Parses a date header. GitHub's own time matters: our clock may differ by minutes, and resets use GitHub's. */
const parseDate = (header: unknown): number | undefined => {
  const at = typeof header === 'string' ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
};

const parseSeconds = (header: unknown): number | undefined => {
  if (typeof header !== 'string' && typeof header !== 'number') return undefined;
  return /^\s*\d{1,12}(\.\d+)?\s*$/.test(String(header)) ? Number(header) : undefined;
};

/** Octokit's `RequestError`. */
const RequestError = v.looseObject({
  status: v.number(),
  message: v.optional(v.string(), ''),
  response: v.optional(
    v.looseObject({
      headers: v.optional(v.record(v.string(), v.unknown()), {}),
      data: v.optional(v.unknown()),
    }),
  ),
});

/** Classifies a failed call to GitHub; returns undefined if the error is not a response of GitHub. */
export const classifyError = (error: unknown, now = Date.now()): ErrorKind | undefined => {
  const parsed = v.safeParse(RequestError, error);
  if (!parsed.success) return undefined;
  const { status, message, response } = parsed.output;
  const data = response?.data;
  const body = typeof data === 'object' && data !== null ? data : message;
  return classifyResponse({ status, headers: response?.headers ?? {}, body }, now);
};

/** The minimum and maximum backoff if GitHub names no time, in milliseconds. */
const defaultWait = 60_000;
const maxDefaultWait = 3_600_000;

/** The minimum wait where GitHub names less than a second, in milliseconds; it doubles with each limit in a row. */
const minWait = 1_000;

/** The maximum jitter on top of the wait that GitHub asks for: a share of the wait, and milliseconds. */
const maxJitter = { share: 0.1, milliseconds: 1_000 };

/**
 * Returns how long to wait after a rate limit, in milliseconds.
 * @param previousLimits the number of consecutive rate limits before this one
 */
export const getRateLimitWait = (
  { retryAfterSeconds }: Extract<ErrorKind, { kind: 'rate-limited' }>,
  previousLimits = 0,
  random = Math.random,
): number => {
  const wait = getBaseWait(retryAfterSeconds, previousLimits);
  return wait * (1 + random() * maxJitter.share) + random() * maxJitter.milliseconds;
};

const getBaseWait = (seconds: number | null, previousLimits: number): number => {
  if (seconds === null) return Math.min(maxDefaultWait, defaultWait * 2 ** previousLimits);
  return seconds < 1 ? Math.min(defaultWait, minWait * 2 ** previousLimits) : seconds * 1_000;
};
