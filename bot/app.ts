import { httpJobs } from '../compute/client/index.ts';
import type { Releases } from '../runtime/lifecycle.ts';
import type { Logger } from '../runtime/log.ts';
import { listen } from '../runtime/serve.ts';
import { connectGitHub } from './github.ts';
import { countedJobs } from './jobs.ts';
import { botMetrics } from './metrics.ts';
import { within } from './patience.ts';
import { Threads } from './threads.ts';
import { KeyedQueue } from './queue.ts';
import { Redelivery } from './redelivery/redelivery.ts';
import { BotListener } from './server/listener.ts';
import { webhookMiddleware } from './server/webhooks.ts';
import type { BotSettings } from './settings.ts';
import { Tracker } from './tracker/tracker.ts';

/** How long what is under way may take when the bot stops. */
const drainMilliseconds = 4_000;

/**
 * Starts the bot: it listens, tells the jobs' news, and asks for what was not delivered. `releases` ends it in order: no
 * further webhook, then what is under way, for a few seconds.
 * @throws PortInUse
 */
export const startBot = async (
  settings: BotSettings,
  releases: Releases,
  log: Logger,
): Promise<{ port: number }> => {
  const parts = partsOf(settings, log);
  const { queue, tracker, redelivery, stopping } = parts;
  const listener = new BotListener(await parts.middleware, parts.metrics);
  const served = await listen(listener.listener, { what: 'the bot', ...settings.listen });

  const settle = async (what: string, end: Promise<unknown>): Promise<void> => {
    await within(drainMilliseconds, end, `${what} took too long`).catch((err: unknown) =>
      log.warn({ err }, 'stopped in the middle'),
    );
  };
  releases.add('the writes under way', () =>
    settle('the writes under way', Promise.all([tracker.stop(), queue.idle()])),
  );
  releases.add('the port', () => served.close());
  releases.add('the webhooks under way', () => {
    stopping.abort();
    return settle('the webhooks under way', Promise.all([redelivery.stop(), listener.drain()]));
  });

  tracker.wake();
  redelivery.start();
  return { port: served.port };
};

const partsOf = (settings: BotSettings, log: Logger) => {
  const {
    app,
    github: { host },
    seconds,
  } = settings;
  const metrics = botMetrics();
  const github = connectGitHub(settings, log);
  const jobs = countedJobs(httpJobs(settings.orchestrator), metrics);
  const queue = new KeyedQueue();
  const threads = new Threads(app.id, github);
  const stopping = new AbortController();
  const tracker = new Tracker({
    host,
    jobs,
    ports: (target) => threads.at(target),
    isAnswered: (comment) => threads.isAnswered(comment),
    queue,
    pace: { look: seconds.tracker * 1_000, edit: seconds.edit * 1_000 },
    metrics,
    log,
  });
  const redelivery = new Redelivery({ app: github.app, every: seconds.redelivery * 1_000, metrics, log });
  const middleware = webhookMiddleware(github.probot, {
    us: { app: app.id, host },
    ports: (comment) => ({ jobs, ...threads.at(comment) }),
    queue,
    onStarted: () => tracker.wake(),
    onReplied: (comment) => tracker.answered(comment),
    onFailed: () => redelivery.expect(),
    stopping: stopping.signal,
    metrics,
    log,
  });
  return { metrics, queue, tracker, redelivery, middleware, stopping };
};
