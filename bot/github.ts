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

/** The app's GitHub clients. */
export type GitHub = {
  probot: Probot;
  /** Authenticated as the app itself. */
  app: Octokit;
  /** Returns a client authenticated as an installation. */
  installation(id: number): Octokit;
  quotas: RateLimitQuotas;
};

/** Bounds of the rate limits that a call waits out. After a longer limit the call fails, so that its caller releases leases and queues. */
const inlineWaitLimits = { maxRetries: 3, maxSeconds: 5 };

/**
 * Returns an Octokit class that retries, spaces writes, and waits out short secondary rate limits, which Probot would only report.
 * Without throttling, it does none of this.
 */
export const configureOctokit = (throttle: boolean): typeof ProbotOctokit =>
  ProbotOctokit.plugin(registerTokens).defaults((options: { throttle?: object }) => ({
    ...options,
    // The existing options contain the installation's id, by which writes are spaced.
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
    `rate limit: ${call.method} ${call.url} ${willRetry ? `retrying in ${seconds} s` : 'giving up'}`,
  );
  return willRetry;
};

/** Creates the app's GitHub clients. They fetch tokens with their first call. */
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

/** Wraps Octokit so that it reports the headers of all responses, and shows GitHub as down after a server or network error. */
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

/** A call that is not made because of GitHub's rate limit. It has the form of GitHub's own error. */
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

/** Returns an Octokit that is created by the first call, and again after a failure to create it. */
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
