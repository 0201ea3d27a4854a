import { jsonResponse } from './responses.ts';
import { rateLimitResponse, addMissingHeaders } from './fault-injection.ts';
import type { TokenHolder } from './tokens.ts';

/** The hourly limit of calls per caller. */
export type RateLimit = {
  /** Runs a call if the caller has any left, and adds the rate limit headers. A 304 does not count. */
  consume(caller: TokenHolder, work: () => Promise<Response>): Promise<Response>;
  /** Returns the caller's remaining calls, as GitHub's `rate-limit-overview`. */
  describe(caller: TokenHolder): Response;
  /** Sets the hourly limit of all callers and resets their windows. */
  setLimit(calls: number): void;
};

type Window = { used: number; reset: number };

const hourSeconds = 3_600;
const secondsNow = (): number => Math.floor(Date.now() / 1000);

/**
 * Creates the rate limit. The default is so high that nothing on one machine reaches it. The windows are in memory only, so they reset
 * on each start.
 */
export const createRateLimit = (calls = 1_000_000): RateLimit => {
  let limit = calls;
  let windows = new Map<string, Window>();
  const getWindow = (caller: TokenHolder): Window => {
    const key = caller.kind === 'account' ? String(caller.account.id) : caller.kind;
    const before = windows.get(key);
    if (before && before.reset > secondsNow()) return before;
    const fresh = { used: 0, reset: secondsNow() + hourSeconds };
    windows.set(key, fresh);
    return fresh;
  };
  const state = ({ used, reset }: Window) => ({ limit, used, remaining: Math.max(0, limit - used), reset });
  const buildHeaders = (window: Window) => ({
    ...Object.fromEntries(
      Object.entries(state(window)).map(([name, value]) => [`x-ratelimit-${name}`, String(value)]),
    ),
    'x-ratelimit-resource': 'core',
  });
  return {
    consume: async (caller, work) => {
      const window = getWindow(caller);
      if (window.used >= limit)
        return addMissingHeaders(rateLimitResponse(window.reset), buildHeaders(window));
      window.used += 1;
      const response = await work();
      if (response.status === 304) window.used -= 1;
      return addMissingHeaders(response, buildHeaders(window));
    },
    describe: (caller) => {
      const core = state(getWindow(caller));
      return jsonResponse(200, { resources: { core, search: core }, rate: core });
    },
    setLimit: (calls) => {
      limit = calls;
      windows = new Map();
    },
  };
};
