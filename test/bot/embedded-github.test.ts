import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openGitHubEmulator, type GitHubEmulator } from '../../local/github-emulator/github-emulator.ts';
import { createWebListener, listen } from '../../runtime/http-server.ts';
import { startChild, type Child } from '../../runtime/child-process.ts';
import { createLogger } from '../../runtime/log.ts';
import { FakeOrchestrator } from '../fakes/fake-orchestrator.ts';

type Comment = { id: number; body: string; user: { login: string } };

const entry = fileURLToPath(new URL('../../bot/main.ts', import.meta.url));
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const app = {
  id: 7,
  slug: 'coxswain',
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  webhookSecret: 'a secret',
};

/* The bot's program and the embedded GitHub, which sends its webhooks itself. */
describe('on the embedded GitHub', () => {
  const orchestrator = new FakeOrchestrator();
  let folder: string;
  let sandbox: GitHubEmulator;
  let bot: Child;
  let webhookUrl = 'http://127.0.0.1:1/nobody';

  const startBot = async (more: Record<string, string> = {}): Promise<void> => {
    const ready = Promise.withResolvers<{ port: number }>();
    bot = startChild({
      name: 'bot',
      entry,
      environment: {
        LOG_LEVEL: 'fatal',
        APP_ID: String(app.id),
        PRIVATE_KEY: app.privateKey,
        WEBHOOK_SECRET: app.webhookSecret,
        GITHUB_API_URL: `${sandbox.url}/api/v3`,
        GITHUB_THROTTLE: 'off',
        ORCHESTRATOR_URL: orchestrator.url,
        ORCHESTRATOR_KEY: orchestrator.key,
        PORT: '0',
        TRACKER_SECONDS: '0.05',
        EDIT_SECONDS: '0.05',
        REDELIVERY_SECONDS: '0.2',
        // Many times what refusals here take of it: they get a tenth, and each person a share of that.
        WRITES_PER_HOUR: '10000',
        ...more,
      },
      onMessage: (message) => ready.resolve(message as { port: number }),
    });
    const { port } = await ready.promise;
    webhookUrl = `http://127.0.0.1:${port}/api/github/webhooks`;
  };

  /** @param by a role, or a token */
  const call = async <T>(by: string, method: string, path: string, body?: object): Promise<T> => {
    const token = sandbox.users.find((user) => user.role === by)?.token ?? by;
    const response = await fetch(`${sandbox.url}/api/v3/repos/${sandbox.repository}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return (await response.json()) as T;
  };
  const say = (by: string, body: string, issue = sandbox.issue) =>
    call<Comment>(by, 'POST', `/issues/${issue}/comments`, { body });
  const replies = async (comment: Comment, issue = sandbox.issue): Promise<Comment[]> => {
    const all = await call<Comment[]>('read', 'GET', `/issues/${issue}/comments?per_page=100`);
    return all.filter(
      ({ user, body }) => user.login === 'coxswain[bot]' && body.includes(`"comment":${comment.id},`),
    );
  };
  const reactions = async (comment: Comment): Promise<string[]> => {
    const all = await call<{ content: string }[]>('read', 'GET', `/issues/comments/${comment.id}/reactions`);
    return all.map(({ content }) => content);
  };
  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    const giveUp = Date.now() + 20_000;
    while (!(await holds())) {
      if (Date.now() > giveUp) throw new Error(`Waited in vain for: ${what}`);
      await wait(20);
    }
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coxswain-bot-'));
    await orchestrator.open();
    const hook = { ...app, webhookUrl: () => webhookUrl };
    sandbox = await openGitHubEmulator({ folder, port: 0, app: hook, log: createLogger('sandbox', 'fatal') });
    await startBot();
  });
  afterAll(async () => {
    await bot.stop(5_000);
    await Promise.all([sandbox.close(), orchestrator.close()]);
    await rm(folder, { recursive: true });
  });

  test('a person who may write: 👀, a reply that follows the job, 🚀', async () => {
    const comment = await say('write', '/compute 10');
    await until('the reply', async () => (await replies(comment)).length > 0);
    await until('the mark', async () => (await reactions(comment)).includes('eyes'));
    const [id = ''] = orchestrator.jobs.keys();
    orchestrator.updateJob(id, { state: 'completed' });
    await until('the end', async () => (await reactions(comment)).includes('rocket'));
    expect(await replies(comment)).toHaveLength(1);
  });

  test('a second answer to the same person folds the first', async () => {
    const first = await say('write', '/status');
    await until('the answer', async () => (await replies(first)).length > 0);
    const second = await say('write', '/status');
    await until(
      'the fold',
      async () =>
        (await replies(first))[0]?.body.includes('<details><summary>Earlier answer to /status</summary>') ===
        true,
    );
    expect((await replies(second))[0]?.body).not.toContain('Earlier answer');
  });

  test('a person who may only read is refused', async () => {
    const { starts } = orchestrator;
    const comment = await say('read', '/compute 10');
    // Of a text, the mark comes after the reply.
    await until('the mark', async () => (await reactions(comment)).length > 0);
    expect([await reactions(comment), (await replies(comment)).length]).toEqual([['confused'], 1]);
    expect(orchestrator.starts).toBe(starts);
  });

  test('a comment written while the bot is down is answered, once', async () => {
    bot.signal('SIGKILL');
    await bot.ended;
    const { starts } = orchestrator;
    const comment = await say('maintain', '/compute 10');
    await startBot();
    await until('the reply', async () => (await replies(comment)).length > 0);
    expect(orchestrator.starts).toBe(starts + 1);
    expect(await replies(comment)).toHaveLength(1);
  });

  test('the sweep finds a review comment whose webhook was lost, once', async () => {
    const { testControl } = sandbox;
    testControl.push({ by: 'mona', branch: 'notes', path: 'notes.md', content: 'One' });
    const opening = { title: 'Notes', head: 'notes', base: 'main' };
    const { number } = await call<{ number: number }>('maintain', 'POST', '/pulls', opening);
    await bot.stop(5_000);
    // Something answers the webhook, so that GitHub does not count it as failed.
    const received = Promise.withResolvers<void>();
    const silent = await listen(
      createWebListener(async (request) => {
        if (request.headers.get('x-github-event') === 'pull_request_review_comment') received.resolve();
        return new Response('lost');
      }, console.error),
      { what: 'a fake server', port: 0 },
    );
    webhookUrl = silent.url;
    const written = await call<Comment>('write', 'POST', `/pulls/${number}/comments`, {
      body: '/compute 10',
      path: 'notes.md',
      line: 1,
      commit_id: 'main',
    });
    await received.promise;
    await silent.close();
    const now = Date.now();
    testControl.setReviewCommentDate(
      written.id,
      new Date(now - 120_000).toISOString().replace(/\.\d+Z$/, 'Z'),
    );
    const { starts } = orchestrator;
    await startBot({ SWEEP_SECONDS: '0.2' });
    const findReplies = async (): Promise<Comment[]> => {
      const all = await call<Comment[]>('read', 'GET', `/issues/${number}/comments`);
      return all.filter(({ body }) => body.includes(`"comment":"review-comment-${written.id}"`));
    };
    await until('the reply', async () => (await findReplies()).length > 0);
    await wait(600);
    expect([orchestrator.starts - starts, (await findReplies()).length]).toEqual([1, 1]);
  });

  test('an app that posts for a person: one explanation per thread per day; with the rule that it shows, a job', async () => {
    const { starts } = orchestrator;
    const via = (login: string) => sandbox.testControl.createUserToken(login, { id: 5, slug: 'relay' });
    const mark = (comment: Comment) => until('the mark', async () => (await reactions(comment)).length > 0);
    const first = await say(via('octavia'), '/compute 10');
    await mark(first);
    const [explanation] = await replies(first);
    expect(explanation?.body).toMatch(/You may use this command[^]*the GitHub App `relay`/);
    const second = await say(via('octavia'), '/compute 20');
    await mark(second);
    expect([await reactions(second), await replies(second)]).toEqual([['confused'], []]);
    const { number } = await call<{ number: number }>('read', 'POST', '/issues', { title: 'Another' });
    const elsewhere = await say(via('octavia'), '/compute 30', number);
    await mark(elsewhere);
    expect(await replies(elsewhere, number)).toHaveLength(1);
    expect(orchestrator.starts).toBe(starts);

    const [, rule = ''] = /```yaml\n([^]*?\n)```/.exec(explanation?.body ?? '') ?? [];
    expect(rule).toContain('relay[bot]');
    const content = Buffer.from(rule).toString('base64');
    await call('maintain', 'PUT', '/contents/.github/coxswain.yml', { message: 'Allow relay', content });
    const allowed = await say(via('octavia'), '/compute 40');
    await until('the reply', async () => (await replies(allowed)).length > 0);
    const [reply] = await replies(allowed);
    expect(reply?.body).toContain('requested by `octavia` through the GitHub App `relay`');
    expect(orchestrator.starts).toBe(starts + 1);
    const job = [...orchestrator.jobs.values()].at(-1);
    expect(job?.origin).toMatchObject({ sender: 'octavia', notes: { app: 'relay' } });
    // The rule is for this app, and for people who may write.
    for (const token of [
      via('rhea'),
      sandbox.testControl.createUserToken('octavia', { id: 6, slug: 'relay2' }),
      sandbox.testControl.createUserToken('tomas', { id: 8, slug: 'Relay-2' }),
    ])
      await mark(await say(token, '/compute 50'));
    expect(orchestrator.starts).toBe(starts + 1);
  });
});
