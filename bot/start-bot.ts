import type { Releases } from '../runtime/lifecycle.ts';
import type { Logger } from '../runtime/log.ts';
import { listen } from '../runtime/http-server.ts';
import { createBot } from './create-bot.ts';
import { withTimeout } from '../runtime/async/timeout.ts';
import { warnAboutMissingEvents } from './install/check-subscriptions.ts';
import { BotHttpServer, webhooksPath } from './server/http-server.ts';
import { serveMetrics } from './server/metrics-server.ts';
import { forwardWebhooks } from './server/webhook-proxy.ts';
import type { BotSettings } from './settings.ts';

/** The time that current work may take when the bot stops. */
const drainTimeoutMilliseconds = 4_000;

/**
 * Starts the bot: its HTTP server, leader election, tracker, redelivery and sweep. `releases` stops it in order: first webhooks, then
 * current work, for a few seconds, then the leader election.
 * @throws PortInUseError
 */
export const startBot = async (
  settings: BotSettings,
  releases: Releases,
  log: Logger,
): Promise<{ port: number; metricsPort: number | undefined }> => {
  const bot = createBot(settings, log);
  const { replyLease, leader, replicas, tracker, intake, redelivery, sweep, stopping } = bot;
  const server = new BotHttpServer(await bot.middleware, bot.metrics);
  const served = await listen(server.listener, { what: 'the bot', ...settings.listen });

  const endInTime = async (what: string, end: Promise<unknown>): Promise<void> => {
    await withTimeout(drainTimeoutMilliseconds, end, `${what} took too long`).catch((err: unknown) =>
      log.warn({ err }, 'stopped before current work was done'),
    );
  };
  releases.add('the audit', () => endInTime('the audit', bot.stopAudit()));
  releases.add('the second reader', () => endInTime('the second reader', bot.secondReader.close()));
  releases.add('the policy reader', () => endInTime('the policy reader', bot.policyReader.close()));
  releases.add('the policy reader for pull requests', () =>
    endInTime('the policy reader for pull requests', bot.pullPolicyReader.close()),
  );
  releases.add('the leader election', () =>
    endInTime('the leader election', Promise.all([leader.stop(), replicas.stop()])),
  );
  releases.add('pending writes', () =>
    endInTime('pending writes', Promise.all([tracker.stop(), intake.waitUntilIdle(), replyLease.idle()])),
  );
  releases.add('the port', () => served.close());
  releases.add('pending webhooks', () => {
    stopping.abort();
    const sources = [redelivery.stop(), sweep.stop(), server.drain()];
    return endInTime('pending webhooks', Promise.all(sources));
  });
  if (settings.webhookProxy !== undefined) {
    const channel = { source: settings.webhookProxy, target: `${served.url}${webhooksPath}` };
    releases.add('the webhook channel', await forwardWebhooks(channel, log));
  }

  const metrics = settings.metrics && (await serveMetrics(bot.metrics.registry, settings.metrics, log));
  if (metrics) releases.add('the metrics', () => metrics.close());

  const checked = warnAboutMissingEvents(bot.github.app, log);
  releases.add('the check of the app', () => endInTime('the check of the app', checked));

  leader.start();
  replicas.start();
  redelivery.start();
  sweep.start();
  return { port: served.port, metricsPort: metrics?.port };
};
