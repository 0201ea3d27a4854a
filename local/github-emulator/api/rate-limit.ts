import { jsonResponse } from './responses.ts';
import { rateLimitResponse, addMissingHeaders } from './fault-injection.ts';
import type { TokenHolder } from './tokens.ts';

/** How many calls each caller has an hour. */
export type RateLimit = {
  /** Answers a call if there is one left, and tells in its headers how many there are. A 304 costs nothing. */
  consume(caller: TokenHolder, work: () => Promise<Response>): Promise<Response>;
  /** What the caller has left, as GitHub's `rate-limit-overview`. */
  describe(caller: TokenHolder): Response;
  /** Sets what everybody has an hour, from now on. */
  setLimit(calls: number): void;
};

type Window = { used: number; reset: number };

const hourSeconds = 3_600;
const secondsNow = (): number => Math.floor(Date.now() / 1000);

/**
 * The budget of calls. By default it is so large that nothing of one machine meets its end: GitHub's own limits are known to the
 * bot, not to the sandbox's people. It begins anew at each start.
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
