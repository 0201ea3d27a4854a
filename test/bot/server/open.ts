import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { connectGitHub } from '../../../bot/github.ts';
import { botMetrics, type BotMetrics } from '../../../bot/metrics.ts';
import { BotListener } from '../../../bot/server/listener.ts';
import { webhookMiddleware, type WebhookDeps } from '../../../bot/server/webhooks.ts';
import type { HeardComment } from '../../../bot/server/comment.ts';
import type { ChangedPull } from '../../../bot/server/pull.ts';
import type { Clock } from '../../../runtime/http/pace.ts';
import { listen } from '../../../runtime/serve.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const secret = 'a secret';

export type LogLine = { msg: string; level: number; [field: string]: unknown };

export type TestServer = {
  url: string;
  heard: HeardComment[];
  pulls: ChangedPull[];
  failures: () => number;
  logged: LogLine[];
  metrics: BotMetrics;
  deliver(
    event: string,
    payload: unknown,
    more?: { signature?: string; delivery?: string },
  ): Promise<Response>;
  close(): Promise<void>;
};

/** The bot's HTTP server with Probot behind it; what it hears is kept, or answered by `more`. */
export const openServer = async (more: Partial<WebhookDeps> = {}, clock?: Clock): Promise<TestServer> => {
  const metrics = botMetrics();
  const logged: LogLine[] = [];
  const log = pino({ level: 'info' }, { write: (line) => void logged.push(JSON.parse(line) as LogLine) });
  const settings = {
    app: { id: 77, privateKey: pem, webhookSecret: secret },
    github: {
      apiUrl: 'http://127.0.0.1:9',
      webUrl: 'http://127.0.0.1:9',
      host: 'github.com',
      throttle: false,
    },
  };
  const heard: HeardComment[] = [];
  const pulls: ChangedPull[] = [];
  let failures = 0;
  const middleware = await webhookMiddleware(connectGitHub(settings, log, metrics).probot, {
    us: { app: 77, host: 'github.com', wrote: async ({ user }) => user?.login === 'coxswain[bot]' },
    hear: async (comment) => (heard.push(comment), 'accepted'),
    checkPolicy: async (pull) => (pulls.push(pull), 'policy-unchanged'),
    onFailed: () => (failures += 1),
    metrics,
    log,
    ...more,
  });
  const listener = new BotListener(middleware, metrics, clock);
  const served = await listen(listener.listener, { what: 'a bot', port: 0 });
  return {
    url: served.url,
    heard,
    pulls,
    logged,
    metrics,
    failures: () => failures,
    deliver: (event, payload, { signature, delivery = randomUUID() } = {}) => {
      const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
      const signed = signature ?? createHmac('sha256', secret).update(body).digest('hex');
      return fetch(`${served.url}/api/github/webhooks`, {
        method: 'POST',
        headers: {
          // A server that closes an idle connection just when a busy machine sends the next request on it would fail the delivery.
          connection: 'close',
          'content-type': 'application/json',
          'x-github-event': event,
          'x-github-delivery': delivery,
          'x-hub-signature-256': `sha256=${signed}`,
        },
        body,
      });
    },
    close: async () => {
      await listener.drain();
      await served.close();
    },
  };
};
