import { json } from './responses.ts';
import { overLimit, withHeaders } from './fault-injection.ts';
import type { Caller } from './tokens.ts';

/** How many calls each caller has an hour. */
export type Budget = {
  /** Answers a call if there is one left, and tells in its headers how many there are. A 304 costs nothing. */
  spend(caller: Caller, work: () => Promise<Response>): Promise<Response>;
  /** What the caller has left, as GitHub's `rate-limit-overview`. */
  overview(caller: Caller): Response;
  /** Sets what everybody has an hour, from now on. */
  set(calls: number): void;
};

type Window = { used: number; reset: number };

const hourSeconds = 3_600;
const secondsNow = (): number => Math.floor(Date.now() / 1000);

/**
 * The budget of calls. By default it is so large that nothing of one machine meets its end: GitHub's own limits are known to the
 * bot, not to the sandbox's people. It begins anew at each start.
 */
export const hourlyBudget = (calls = 1_000_000): Budget => {
  let limit = calls;
  let windows = new Map<string, Window>();
  const windowOf = (caller: Caller): Window => {
    const key = caller.kind === 'account' ? String(caller.account.id) : caller.kind;
    const before = windows.get(key);
    if (before && before.reset > secondsNow()) return before;
    const fresh = { used: 0, reset: secondsNow() + hourSeconds };
    windows.set(key, fresh);
    return fresh;
  };
  const state = ({ used, reset }: Window) => ({ limit, used, remaining: Math.max(0, limit - used), reset });
  const headersOf = (window: Window) => ({
    ...Object.fromEntries(
      Object.entries(state(window)).map(([name, value]) => [`x-ratelimit-${name}`, String(value)]),
    ),
    'x-ratelimit-resource': 'core',
  });
  return {
    spend: async (caller, work) => {
      const window = windowOf(caller);
      if (window.used >= limit) return withHeaders(overLimit(window.reset), headersOf(window));
      window.used += 1;
      const response = await work();
      if (response.status === 304) window.used -= 1;
      return withHeaders(response, headersOf(window));
    },
    overview: (caller) => {
      const core = state(windowOf(caller));
      return json(200, { resources: { core, search: core }, rate: core });
    },
    set: (calls) => {
      limit = calls;
      windows = new Map();
    },
  };
};
