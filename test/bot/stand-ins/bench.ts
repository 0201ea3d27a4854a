import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { startBot } from '../../../bot/app.ts';
import { botSettings } from '../../../bot/settings.ts';
import { Releases } from '../../../runtime/lifecycle.ts';
import { app, GitHubStandIn, repository, type StoredComment } from './github.ts';
import { OrchestratorStandIn } from './orchestrator.ts';
import { until } from './until.ts';

export { until } from './until.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const secret = 'a secret';

/** The webhook of a comment, as GitHub sends it. */
export const payloadOf = (comment: StoredComment, action = 'created') => ({
  action,
  issue: { number: comment.issue },
  comment,
  repository,
  installation: { id: app.installation },
  sender: comment.user,
});

/** A bot between a GitHub and an orchestrator that a test plays. */
export class TestBench {
  readonly github = new GitHubStandIn();
  readonly orchestrator = new OrchestratorStandIn();
  /** What the bot logs, a line an entry. */
  readonly logged: { msg: string; level: number }[] = [];
  url = '';
  /** Where its metrics are. */
  metricsUrl = '';
  #releases = new Releases();

  async open(): Promise<this> {
    await Promise.all([this.github.open(), this.orchestrator.open()]);
    this.github.permissions.set('mona', { permission: 'write', role_name: 'write' });
    return this;
  }

  /** The bot's environment, with fast paces. */
  environment(): Record<string, string> {
    return {
      APP_ID: String(app.id),
      PRIVATE_KEY: privateKey
        .export({ type: 'pkcs1', format: 'pem' })
        .toString()
        .replaceAll('\n', String.raw`\n`),
      WEBHOOK_SECRET: secret,
      GITHUB_API_URL: this.github.url,
      GITHUB_THROTTLE: 'off',
      ORCHESTRATOR_URL: this.orchestrator.url,
      METRICS_PORT: '0',
      ORCHESTRATOR_KEY: this.orchestrator.key,
      PORT: '0',
      TRACKER_SECONDS: '0.05',
      EDIT_SECONDS: '0.05',
    };
  }

  /** Starts a bot in this process. */
  async start(more: Record<string, string> = {}): Promise<void> {
    const settings = botSettings({ ...this.environment(), ...more });
    const log = pino(
      { level: 'info' },
      { write: (line) => void this.logged.push(JSON.parse(line) as { msg: string; level: number }) },
    );
    const { port, metricsPort } = await startBot(settings, this.#releases, log);
    this.url = `http://127.0.0.1:${port}`;
    this.metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`;
  }

  async stop(): Promise<void> {
    await this.#releases.end();
    this.#releases = new Releases();
  }

  async close(): Promise<void> {
    await this.stop();
    await Promise.all([this.github.close(), this.orchestrator.close()]);
  }

  /** Sends a webhook, signed unless told otherwise. */
  deliver(
    payload: unknown,
    { event = 'issue_comment', signature }: { event?: string; signature?: string } = {},
  ): Promise<Response> {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const signed = createHmac('sha256', secret).update(body).digest('hex');
    return fetch(`${this.url}/api/github/webhooks`, {
      method: 'POST',
      headers: {
        // A server that closes an idle connection just when a busy machine sends the next request on it would fail the delivery.
        connection: 'close',
        'content-type': 'application/json',
        'x-github-event': event,
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': `sha256=${signature ?? signed}`,
      },
      body,
    });
  }

  /** Writes a comment on GitHub and delivers its webhook. */
  async say(body: string): Promise<{ comment: StoredComment; status: number }> {
    const comment = this.github.comment(body);
    const { status } = await this.deliver(payloadOf(comment));
    return { comment, status };
  }

  /** The one reply to a comment, once there is one that holds a text. */
  reply(comment: StoredComment, text = ''): Promise<StoredComment> {
    return until(`a reply with "${text}"`, () =>
      this.github.repliesTo(comment.id).find(({ body }) => body.includes(text)),
    );
  }

  reaction(comment: StoredComment, content: string): Promise<true> {
    return until(`the reaction ${content}`, () => this.github.reactionsTo(comment.id).includes(content));
  }
}
