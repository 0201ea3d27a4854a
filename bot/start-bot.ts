import { systemClock, type Clock } from '../runtime/async/clock.ts';
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

/**
 * The times that the end of current work, and then of the leases, the readers and the audit, may take in all when the bot stops,
 * whatever does not answer. The process exits at most 15 s after it was asked to stop; the chart's grace period builds on this.
 */
const stopMilliseconds = { work: 8_000, rest: 4_000 };

/**
 * Starts the bot: its HTTP server, leader election, tracker, redelivery and sweep. `releases` stops it in order: first webhooks, then
 * current work, then the leader election, each within a time limit.
 * @param clock of the parts that run in intervals
 * @throws PortInUseError
 */
export const startBot = async (
  settings: BotSettings,
  releases: Releases,
  log: Logger,
  clock: Clock = systemClock,
): Promise<{ port: number; metricsPort: number | undefined }> => {
  const bot = createBot(settings, log, clock);
  const { replyLease, leader, replicas, tracker, signal, intake, redelivery, sweep, stopping } = bot;
  const server = new BotHttpServer(await bot.middleware, bot.metrics);
  const served = await listen(server.listener, { what: 'the bot', ...settings.listen });

  const endInTime = createStopDeadlines(log);
  const checked = warnAboutMissingEvents(bot.github.app, log);
  releases.add('the leases, the readers and the audit', async () => {
    await Promise.all([
      endInTime('rest', 'the leader election', () =>
        Promise.all([leader.stop(), replicas.stop(), signal?.stop()]),
      ),
      endInTime('rest', 'the second reader', () => bot.secondReader.close()),
      endInTime('rest', 'the policy reader', () => bot.policyReader.close()),
      endInTime('rest', 'the policy reader for pull requests', () => bot.pullPolicyReader.close()),
      endInTime('rest', 'the audit', () => bot.stopAudit()),
      endInTime('rest', 'the check of the app', () => checked),
    ]);
  });
  releases.add('pending writes', () =>
    endInTime('work', 'pending writes', () =>
      Promise.all([tracker.stop(), intake.waitUntilIdle(), replyLease.idle()]),
    ),
  );
  releases.add('the port', () => served.close());
  releases.add('pending webhooks', () =>
    endInTime('work', 'pending webhooks', () => {
      stopping.abort();
      return Promise.all([redelivery.stop(), sweep.stop(), server.drain()]);
    }),
  );
  if (settings.webhookProxy !== undefined) {
    const channel = { source: settings.webhookProxy, target: `${served.url}${webhooksPath}` };
    const stopForwarding = await forwardWebhooks(channel, log);
    releases.add('the webhook channel', () => endInTime('work', 'the webhook channel', stopForwarding));
  }

  const metrics = settings.metrics && (await serveMetrics(bot.metrics.registry, settings.metrics, log));
  if (metrics) releases.add('the metrics', () => metrics.close());

  leader.start();
  replicas.start();
  signal?.start();
  redelivery.start();
  sweep.start();
  return { port: served.port, metricsPort: metrics?.port };
};

/** Returns a function that ends a part of the bot. The parts of a phase share its time, which starts with the first of them. */
const createStopDeadlines = (log: Logger) => {
  const deadlines: Partial<Record<keyof typeof stopMilliseconds, number>> = {};
  return async (
    phase: keyof typeof stopMilliseconds,
    what: string,
    end: () => Promise<unknown>,
  ): Promise<void> => {
    deadlines[phase] ??= performance.now() + stopMilliseconds[phase];
    const left = Math.max(0, deadlines[phase] - performance.now());
    await withTimeout(left, end(), `${what} took too long`).catch((err: unknown) =>
      log.warn({ err }, 'stopped before current work was done'),
    );
  };
};
