import type { Releases } from '../runtime/lifecycle.ts';
import type { Logger } from '../runtime/log.ts';
import { listen } from '../runtime/http-server.ts';
import { createBot } from './create-bot.ts';
import { withTimeout } from '../runtime/async/timeout.ts';
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
  releases.add('the reader of policies', () => endInTime('the reader of policies', bot.policyReader.close()));
  releases.add("the reader of pull requests' policies", () =>
    endInTime("the reader of pull requests' policies", bot.pullPolicyReader.close()),
  );
  releases.add('the lead', () => endInTime('the lead', Promise.all([leader.stop(), replicas.stop()])));
  releases.add('the writes under way', () =>
    endInTime(
      'the writes under way',
      Promise.all([tracker.stop(), intake.waitUntilIdle(), replyLease.idle()]),
    ),
  );
  releases.add('the port', () => served.close());
  releases.add('the webhooks under way', () => {
    stopping.abort();
    const sources = [redelivery.stop(), sweep.stop(), server.drain()];
    return endInTime('the webhooks under way', Promise.all(sources));
  });
  if (settings.webhookProxy !== undefined) {
    const channel = { source: settings.webhookProxy, target: `${served.url}${webhooksPath}` };
    releases.add('the channel of webhooks', await forwardWebhooks(channel, log));
  }

  const metrics = settings.metrics && (await serveMetrics(bot.metrics.registry, settings.metrics, log));
  if (metrics) releases.add('the metrics', () => metrics.close());

  leader.start();
  replicas.start();
  redelivery.start();
  sweep.start();
  return { port: served.port, metricsPort: metrics?.port };
};
