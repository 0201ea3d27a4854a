import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild, type Child } from '../../runtime/child-process.ts';
import { toWebhookPayload, BotFixture, waitUntil } from '../fixtures/bot-fixture.ts';
import { app, type StoredComment } from '../fakes/fake-github.ts';
import { MountedSecret } from '../fixtures/mounted-secret.ts';

const entry = fileURLToPath(new URL('../../bot/main.ts', import.meta.url));

describe('the bot’s program', () => {
  let bench: BotFixture;
  const children: Child[] = [];
  beforeEach(async () => {
    bench = await new BotFixture().open();
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map((child) => child.stop(5_000)));
    await bench.close();
  });

  const start = async (more: Record<string, string> = {}): Promise<Child> => {
    const ready = Promise.withResolvers<{ ready: true; port: number }>();
    const child = startChild({
      name: 'bot',
      entry,
      environment: { LOG_LEVEL: 'fatal', COXSWAIN_INSTANCE: 'one', ...bench.environment(), ...more },
      onMessage: (message) => ready.resolve(message as { ready: true; port: number }),
    });
    children.push(child);
    const { port } = await ready.promise;
    bench.url = `http://127.0.0.1:${port}`;
    return child;
  };

  /** The next one is the same bot again, so that it need not wait for the lead of one that is gone. */
  const again = { COXSWAIN_INSTANCE: 'bot' };

  const killed = async (bot: Child): Promise<void> => {
    bot.signal('SIGKILL');
    await bot.ended;
  };

  /** Delivers a comment whose reply is not written until `slow` resolves. */
  const startSlowAnswer = async () => {
    const slow = Promise.withResolvers<void>();
    bench.github.creating = slow.promise;
    const comment = bench.github.addComment('/help');
    const answer = bench.deliver(toWebhookPayload(comment));
    await waitUntil('the write', () =>
      bench.github.calls.some(({ method, path }) => method === 'POST' && path.endsWith('/1/comments')),
    );
    return { slow, comment, answer };
  };

  /** Of all that came of a comment: one job, one reply, and one 👀. */
  const expectOnce = async (comment: StoredComment): Promise<void> => {
    await bench.waitForReply(comment);
    expect((await bench.deliver(toWebhookPayload(comment))).status).toBe(200);
    await bench.waitForReaction(comment, 'eyes');
    expect(bench.orchestrator.starts).toBe(1);
    expect(bench.github.repliesTo(comment.id)).toHaveLength(1);
  };

  test('killed before it started the job: the webhook has failed, and when it comes again there is one job', async () => {
    const first = await start(again);
    const never = Promise.withResolvers<void>();
    bench.orchestrator.starting = never.promise;
    const comment = bench.github.addComment('/compute 10');
    const answer = bench.deliver(toWebhookPayload(comment)).then(
      ({ status }) => status,
      () => 'cut off',
    );
    await waitUntil('the start', () => bench.orchestrator.startRequests > 0);
    await killed(first);
    expect(await answer).toBe('cut off');
    // What was on its way arrives all the same.
    never.resolve();
    bench.orchestrator.starting = Promise.resolve();
    await start(again);
    expect((await bench.deliver(toWebhookPayload(comment))).status).toBe(200);
    await expectOnce(comment);
  });

  test('killed before it replied: the next one does, once', async () => {
    const first = await start({ ...again, TRACKER_SECONDS: '3600' });
    // As if it had been away for longer than a new job is left to its webhook.
    bench.orchestrator.age = 10_000;
    const never = Promise.withResolvers<void>();
    bench.github.creating = never.promise;
    const { comment, status } = await bench.postComment('/compute 10');
    expect(status).toBe(200);
    await killed(first);
    bench.github.creating = Promise.resolve();
    await start(again);
    await expectOnce(comment);
  });

  test('killed after its reply, before the last reaction: the next one gives it, and writes no other reply', async () => {
    const first = await start(again);
    // As if it had been away for longer than a new job is left to its webhook.
    bench.orchestrator.age = 10_000;
    const { comment } = await bench.postComment('/compute 10');
    await bench.waitForReply(comment);
    bench.github.fail(/^POST .*reactions$/, 502, 'Bad Gateway');
    const [job] = bench.orchestrator.jobs.keys();
    bench.orchestrator.updateJob(job ?? '', { state: 'completed' });
    await bench.waitForReply(comment, 'completed');
    await killed(first);
    bench.github.clearFaults();
    await start(again);
    await bench.waitForReaction(comment, 'rocket');
    await expectOnce(comment);
  });

  test('SIGTERM: what is under way is finished, and the end is 0', async () => {
    const child = await start();
    const { slow, comment, answer } = await startSlowAnswer();
    child.signal('SIGTERM');
    setTimeout(() => slow.resolve(), 200);
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect((await answer).status).toBe(200);
    expect(bench.github.repliesTo(comment.id)).toHaveLength(1);
  });

  test('SIGTERM while neither GitHub nor the orchestrator answers: it exits with 0 within 15 s', async () => {
    const child = await start();
    const never = Promise.withResolvers<void>();
    bench.orchestrator.starting = never.promise;
    bench.github.creating = never.promise;
    const answers = ['/compute 10', '/help'].map((body) =>
      bench.deliver(toWebhookPayload(bench.github.addComment(body))).catch(() => undefined),
    );
    await waitUntil('the start', () => bench.orchestrator.startRequests > 0);
    expect(await child.stop(15_000)).toEqual({ code: 0, signal: null });
    never.resolve();
    await Promise.all(answers);
  });

  test('another value in its mounted Secret: it finishes current work and exits with 0, and the next start reads it', async () => {
    const { APP_ID = '', PRIVATE_KEY = '', WEBHOOK_SECRET = '', ORCHESTRATOR_KEY = '' } = bench.environment();
    const values = {
      'app-id': APP_ID,
      'private-key.pem': PRIVATE_KEY.replaceAll(String.raw`\n`, '\n'),
      'webhook-secret': WEBHOOK_SECRET,
      'orchestrator-key': ORCHESTRATOR_KEY,
    };
    const secret = await MountedSecret.create(values);
    const environment = {
      APP_ID: '',
      PRIVATE_KEY: '',
      WEBHOOK_SECRET: '',
      ORCHESTRATOR_KEY: '',
      APP_ID_FILE: secret.path('app-id'),
      PRIVATE_KEY_FILE: secret.path('private-key.pem'),
      WEBHOOK_SECRET_FILE: secret.path('webhook-secret'),
      ORCHESTRATOR_KEY_FILE: secret.path('orchestrator-key'),
    };
    try {
      const first = await start(environment);
      const { slow, comment, answer } = await startSlowAnswer();
      await secret.replace({ ...values, 'webhook-secret': 'the second secret' });
      const isReady = () =>
        fetch(`${bench.url}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        );
      while (await isReady()) await new Promise((resolve) => setTimeout(resolve, 50));
      // A change while it stops, and the signal of a platform that stops it as well, change nothing.
      await secret.replace({ ...values, 'webhook-secret': 'the third secret' });
      first.signal('SIGTERM');
      slow.resolve();
      await answer;
      expect(await first.ended).toEqual({ code: 0, signal: null });
      expect(bench.github.repliesTo(comment.id)).toHaveLength(1);

      const second = await start(environment);
      expect((await bench.deliver(toWebhookPayload(comment))).status).toBe(400);
      await secret.replace({ ...values, 'private-key.pem': 'no key' });
      expect(await second.ended).toEqual({ code: 0, signal: null });
      const third = spawn(process.execPath, [entry], {
        env: { PATH: process.env['PATH'], ...bench.environment(), ...environment },
      });
      let said = '';
      third.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      expect(await once(third, 'close')).toEqual([1, null]);
      expect(said).toContain(
        'PRIVATE_KEY: expected the private key of the GitHub App, in PEM form, received another value',
      );
    } finally {
      await secret.remove();
    }
  });

  test('without a webhook secret it does not start, and says why', async () => {
    const { WEBHOOK_SECRET: _left, ...environment } = bench.environment();
    const child = spawn(process.execPath, [entry], { env: { PATH: process.env['PATH'], ...environment } });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(said).toContain('WEBHOOK_SECRET: expected the webhook secret of the GitHub App, received nothing');
    expect(said).not.toContain('at ');
  });

  test('without an app it shows the set-up page, and then goes on as the app that was made there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'coxswain-main-'));
    const { APP_ID, PRIVATE_KEY, WEBHOOK_SECRET, ...environment } = bench.environment();
    bench.github.newApp = {
      id: Number(APP_ID),
      slug: app.slug,
      html_url: 'http://127.0.0.1/apps/coxswain',
      pem: PRIVATE_KEY?.replaceAll(String.raw`\n`, '\n'),
      webhook_secret: WEBHOOK_SECRET,
    };
    const file = join(folder, 'app.json');
    const child = spawn(process.execPath, [entry], { env: { ...environment, COXSWAIN_APP_FILE: file } });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    try {
      const page = await waitUntil('the page', () => /open (http:\S+)\/ to set it up/.exec(said)?.[1]);
      const token = await waitUntil('the token', () => /one-time token ([\w-]+)/.exec(said)?.[1]);
      const form = { method: 'POST', body: new URLSearchParams({ token }) };
      const reviewed = await fetch(`${page}/setup/review`, form);
      const headers = { cookie: reviewed.headers.get('set-cookie')?.split(';')[0] ?? '' };
      const review = await reviewed.text();
      const state = /state=([\w-]+)/.exec(review)?.[1] ?? '';
      const done = await fetch(`${page}/setup/callback?code=1&state=${state}`, { headers });
      expect(done.status).toBe(200);
      const port = await waitUntil('the bot', () => /"port":(\d+)/.exec(said)?.[1]);
      bench.url = `http://127.0.0.1:${port}`;
      await bench.waitForReply((await bench.postComment('/help')).comment);
      expect((await fetch(bench.url)).status).toBe(404);
      expect(said).not.toContain('PRIVATE KEY');
    } finally {
      const ended = once(child, 'close');
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      await rm(folder, { recursive: true });
    }
  });

  test('a port that is taken', async () => {
    await start();
    const taken = new URL(bench.url).port;
    const child = startChild({
      name: 'bot',
      entry,
      environment: { ...bench.environment(), PORT: taken, LOG_LEVEL: 'silent' },
    });
    children.push(child);
    expect(await child.ended).toMatchObject({ code: 1 });
  });
});
