import { LRUCache } from 'lru-cache';
import * as v from 'valibot';
import { Probot, ProbotOctokit } from 'probot';
import { classifyError, getRateLimitWait } from '../chatops/github/classify-error.ts';
import { getStatus, type Octokit } from '../chatops/github/api-client.ts';
import type { Logger } from '../runtime/log.ts';
import { registerSecret } from '../runtime/secrets.ts';
import type { BotMetrics } from './metrics.ts';
import { RateLimitQuotas } from './rate-limit/quota.ts';
import type { BotSettings } from './settings.ts';

/** GitHub as the app sees it. */
export type GitHub = {
  probot: Probot;
  /** Calls as the app itself. */
  app: Octokit;
  /** Calls as one installation of it. */
  installation(id: number): Octokit;
  quotas: RateLimitQuotas;
};

/** Rate limits that are waited for within a call. A longer one fails it: whoever made it lets go of what others wait for. */
const inlineWaitLimits = { maxRetries: 3, maxSeconds: 5 };

/**
 * Octokit's own retries and spacing of writes, and patience with secondary rate limits, which Probot would only report.
 * Without throttling none of this applies.
 */
export const configureOctokit = (throttle: boolean): typeof ProbotOctokit =>
  ProbotOctokit.plugin(registerTokens).defaults((options: { throttle?: object }) => ({
    ...options,
    // What is there already holds the installation's id, by which writes are spaced.
    // By default, Octokit retries a 429 after a second.
    retry: { doNotRetry: [400, 401, 403, 404, 410, 422, 429, 451] },
    throttle: throttle
      ? { ...options.throttle, enabled: true, onRateLimit: shouldRetry, onSecondaryRateLimit: shouldRetry }
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
type WarnLogger = { log: { warn(message: string): unknown } };

const shouldRetry = (seconds: number, call: LimitedCall, octokit: WarnLogger, retries: number): boolean => {
  const willRetry = retries < inlineWaitLimits.maxRetries && seconds <= inlineWaitLimits.maxSeconds;
  octokit.log.warn(
    `rate limit: ${call.method} ${call.url} ${willRetry ? `waits ${seconds} s` : 'is given up'}`,
  );
  return willRetry;
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
    Octokit: configureOctokit(github.throttle),
    log,
  });
  const quotas = new RateLimitQuotas(metrics);
  const installations = new LRUCache<number, Octokit>({ max: 1_000 });
  const connect = (make: () => Promise<{ request: unknown }>, onHeaders?: (headers: unknown) => void) =>
    reportResponses(pauseDuringRateLimits(createLazily(make)), metrics, onHeaders);
  return {
    probot,
    quotas,
    app: connect(() => probot.auth()),
    installation: (id) => {
      const octokit =
        installations.get(id) ??
        connect(
          () => probot.auth(id),
          (headers) => quotas.record(id, headers),
        );
      installations.set(id, octokit);
      return octokit;
    },
  };
};

/** The same Octokit, its answers' headers told, also those of faults; a fault of the server or of the way to it shows it as down. */
const reportResponses = (
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
      if ((error as Error).name !== 'AbortError') githubUp.set((getStatus(error) ?? 500) < 500 ? 1 : 0);
      onHeaders((error as { response?: { headers?: unknown } }).response?.headers);
      throw error;
    }
  },
});

/** A call that is not made because of GitHub's rate limit. It has the form of GitHub's own answer. */
class RateLimitHoldError extends Error {
  override name = 'RateLimitHoldError';
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
const pauseDuringRateLimits = (octokit: Octokit): Octokit => {
  let pausedUntil = -Infinity;
  let limits = 0;
  return {
    request: async (route, parameters) => {
      const wait = pausedUntil - performance.now();
      if (wait > 0) throw new RateLimitHoldError(route, wait);
      try {
        const answer = await octokit.request(route, parameters);
        if (pausedUntil <= performance.now()) limits = 0;
        return answer;
      } catch (error) {
        const kind = getStatus(error) === 422 ? undefined : classifyError(error);
        if (kind?.kind === 'rate-limited' && pausedUntil <= performance.now()) {
          pausedUntil = performance.now() + getRateLimitWait(kind, limits);
          limits += 1;
        }
        throw error;
      }
    },
  };
};

/** An Octokit that is made at its first call, and again after one that could not be made. */
const createLazily = (make: () => Promise<{ request: unknown }>): Octokit => {
  let created: Promise<Octokit> | undefined;
  return {
    request: async (route, parameters) => {
      created ??= make() as Promise<Octokit>;
      created.catch(() => (created = undefined));
      return (await created).request(route, parameters);
    },
  };
};
