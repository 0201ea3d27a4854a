import type { Releases } from '../runtime/lifecycle.ts';
import type { Logger } from '../runtime/log.ts';
import { listen } from '../runtime/http-server.ts';
import { partsOf } from './create-bot.ts';
import { within } from './timeout.ts';
import { BotListener, webhooksPath } from './server/http-server.ts';
import { serveMetrics } from './server/metrics-server.ts';
import { forwardWebhooks } from './server/webhook-proxy.ts';
import type { BotSettings } from './settings.ts';

/** How long what is under way may take when the bot stops. */
const drainMilliseconds = 4_000;

/**
 * Starts the bot: it listens, tells the jobs' news while it leads, and asks for what was not delivered. `releases` ends it in
 * order: no further webhook, then what is under way, for a few seconds, then the lead.
 * @throws PortInUse
 */
export const startBot = async (
  settings: BotSettings,
  releases: Releases,
  log: Logger,
): Promise<{ port: number; metricsPort: number | undefined }> => {
  const parts = partsOf(settings, log);
  const { replyLease, leader, replicas, tracker, hearing, redelivery, sweep, stopping } = parts;
  const listener = new BotListener(await parts.middleware, parts.metrics);
  const served = await listen(listener.listener, { what: 'the bot', ...settings.listen });

  const settle = async (what: string, end: Promise<unknown>): Promise<void> => {
    await within(drainMilliseconds, end, `${what} took too long`).catch((err: unknown) =>
      log.warn({ err }, 'stopped in the middle'),
    );
  };
  releases.add('the audit', () => settle('the audit', parts.stopAudit()));
  releases.add('the second reader', () => settle('the second reader', parts.secondReader.close()));
  releases.add('the reader of policies', () => settle('the reader of policies', parts.policyReader.close()));
  releases.add("the reader of pull requests' policies", () =>
    settle("the reader of pull requests' policies", parts.pullPolicyReader.close()),
  );
  releases.add('the lead', () => settle('the lead', Promise.all([leader.stop(), replicas.stop()])));
  releases.add('the writes under way', () =>
    settle('the writes under way', Promise.all([tracker.stop(), hearing.idle(), replyLease.idle()])),
  );
  releases.add('the port', () => served.close());
  releases.add('the webhooks under way', () => {
    stopping.abort();
    const sources = [redelivery.stop(), sweep.stop(), listener.drain()];
    return settle('the webhooks under way', Promise.all(sources));
  });
  if (settings.webhookProxy !== undefined) {
    const channel = { source: settings.webhookProxy, target: `${served.url}${webhooksPath}` };
    releases.add('the channel of webhooks', await forwardWebhooks(channel, log));
  }

  const metrics = settings.metrics && (await serveMetrics(parts.metrics.registry, settings.metrics, log));
  if (metrics) releases.add('the metrics', () => metrics.close());

  leader.start();
  replicas.start();
  redelivery.start();
  sweep.start();
  return { port: served.port, metricsPort: metrics?.port };
};
