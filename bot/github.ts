import { LRUCache } from 'lru-cache';
import * as v from 'valibot';
import { Probot, ProbotOctokit } from 'probot';
import { kindOfFault, rateLimitWait } from '../chatops/github/classify-error.ts';
import { statusOf, type Octokit } from '../chatops/github/api-client.ts';
import type { Logger } from '../runtime/log.ts';
import { registerSecret } from '../runtime/secrets.ts';
import type { BotMetrics } from './metrics.ts';
import { Quotas } from './rate-limit/quota.ts';
import type { BotSettings } from './settings.ts';

/** GitHub as the app sees it. */
export type GitHub = {
  probot: Probot;
  /** Calls as the app itself. */
  app: Octokit;
  /** Calls as one installation of it. */
  installation(id: number): Octokit;
  quotas: Quotas;
};

/** Rate limits that are waited for within a call. A longer one fails it: whoever made it lets go of what others wait for. */
const briefly = { retries: 3, seconds: 5 };

/**
 * Octokit's own retries and spacing of writes, and patience with secondary rate limits, which Probot would only report.
 * Without throttling none of this applies.
 */
export const patientOctokit = (throttle: boolean): typeof ProbotOctokit =>
  ProbotOctokit.plugin(registerTokens).defaults((options: { throttle?: object }) => ({
    ...options,
    // What is there already holds the installation's id, by which writes are spaced.
    // By default, Octokit retries a 429 after a second.
    retry: { doNotRetry: [400, 401, 403, 404, 410, 422, 429, 451] },
    throttle: throttle
      ? { ...options.throttle, enabled: true, onRateLimit: retryFew, onSecondaryRateLimit: retryFew }
      : { enabled: false },
  }));

/** The response with an installation's token; source: https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app */
const TokenAnswer = v.object({ token: v.string(), expires_at: v.string() });

/** Registers installation tokens as secrets until they expire, so that they are never printed. */
const registerTokens = ({ hook }: { hook: ProbotOctokit['hook'] }): void => {
  hook.after('request', ({ data }, { url }) => {
    if (!url.endsWith('/access_tokens')) return;
    const answer = v.safeParse(TokenAnswer, data);
    if (answer.success) registerSecret(answer.output.token, Date.parse(answer.output.expires_at));
  });
};

type LimitedCall = { method: string; url: string };
type Warns = { log: { warn(message: string): unknown } };

const retryFew = (seconds: number, call: LimitedCall, octokit: Warns, retries: number): boolean => {
  const goesOn = retries < briefly.retries && seconds <= briefly.seconds;
  octokit.log.warn(`rate limit: ${call.method} ${call.url} ${goesOn ? `waits ${seconds} s` : 'is given up'}`);
  return goesOn;
};

/** Connects to nothing yet: tokens are fetched when the first call needs them. */
export const connectGitHub = (
  { app, github }: Pick<BotSettings, 'app' | 'github'>,
  log: Logger,
  metrics: Pick<BotMetrics, 'quotaLeft' | 'githubUp'>,
): GitHub => {
  const probot = new Probot({
    appId: app.id,
    privateKey: app.privateKey,
    secret: app.webhookSecret,
    baseUrl: github.apiUrl,
    Octokit: patientOctokit(github.throttle),
    log,
  });
  const quotas = new Quotas(metrics);
  const installations = new LRUCache<number, Octokit>({ max: 1_000 });
  const watched = (make: () => Promise<{ request: unknown }>, onHeaders?: (headers: unknown) => void) =>
    watch(heeding(lazily(make)), metrics, onHeaders);
  return {
    probot,
    quotas,
    app: watched(() => probot.auth()),
    installation: (id) => {
      const octokit =
        installations.get(id) ??
        watched(
          () => probot.auth(id),
          (headers) => quotas.note(id, headers),
        );
      installations.set(id, octokit);
      return octokit;
    },
  };
};

/** The same Octokit, its answers' headers told, also those of faults; a fault of the server or of the way to it shows it as down. */
const watch = (
  octokit: Octokit,
  { githubUp }: Pick<BotMetrics, 'githubUp'>,
  onHeaders: (headers: unknown) => void = () => {},
): Octokit => ({
  request: async (route, parameters) => {
    try {
      const answer = await octokit.request(route, parameters);
      githubUp.set(1);
      onHeaders(answer.headers);
      return answer;
    } catch (error) {
      // A request that we ended ourselves says nothing about GitHub.
      if ((error as Error).name !== 'AbortError') githubUp.set((statusOf(error) ?? 500) < 500 ? 1 : 0);
      onHeaders((error as { response?: { headers?: unknown } }).response?.headers);
      throw error;
    }
  },
});

/** A call that is not made because of GitHub's rate limit. It has the form of GitHub's own answer. */
class CallHeld extends Error {
  override name = 'CallHeld';
  readonly status = 429;
  readonly response: { headers: Record<string, string> };

  constructor(route: string, milliseconds: number) {
    const seconds = Math.ceil(milliseconds / 1_000);
    super(`GitHub’s rate limit: not calling ${route} for another ${seconds} s`);
    this.response = { headers: { 'retry-after': String(seconds) } };
  }
}

/**
 * Wraps Octokit so that it makes no calls during GitHub's rate limits: reads count as well as writes, and GitHub may ban clients
 * that continue. A 422 for a write that came too soon delays nothing else.
 */
const heeding = (octokit: Octokit): Octokit => {
  let heldUntil = -Infinity;
  let limits = 0;
  return {
    request: async (route, parameters) => {
      const wait = heldUntil - performance.now();
      if (wait > 0) throw new CallHeld(route, wait);
      try {
        const answer = await octokit.request(route, parameters);
        if (heldUntil <= performance.now()) limits = 0;
        return answer;
      } catch (error) {
        const kind = statusOf(error) === 422 ? undefined : kindOfFault(error);
        if (kind?.kind === 'rate-limited' && heldUntil <= performance.now()) {
          heldUntil = performance.now() + rateLimitWait(kind, limits);
          limits += 1;
        }
        throw error;
      }
    },
  };
};

/** An Octokit that is made at its first call, and again after one that could not be made. */
const lazily = (make: () => Promise<{ request: unknown }>): Octokit => {
  let made: Promise<Octokit> | undefined;
  return {
    request: async (route, parameters) => {
      made ??= make() as Promise<Octokit>;
      made.catch(() => (made = undefined));
      return (await made).request(route, parameters);
    },
  };
};
