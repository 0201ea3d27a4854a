import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import examples from '@octokit/webhooks-examples' with { type: 'json' };
import { collaboratorPermission } from '../fakes/github-api.ts';
import { bot as ourBot } from '../fakes/fake-github.ts';
import { toWebhookPayload, BotFixture, waitUntil } from '../fixtures/bot-fixture.ts';

/* A real bot on a real port, signed webhooks; GitHub and the orchestrator are HTTP servers that the test plays. */
describe('webhooks', () => {
  let bench: BotFixture;
  beforeEach(async () => {
    bench = await new BotFixture().open();
    await bench.start();
  });
  afterEach(() => bench.close());

  test('a command is answered when its job is started; then come 👀, the reply, and at the end 🚀', async () => {
    const { comment, status } = await bench.postComment('/compute 10');
    expect(status).toBe(200);
    const [job] = [...bench.orchestrator.jobs.values()];
    expect(job?.origin).toMatchObject({
      host: '127.0.0.1',
      repository: { id: 501, name: 'acme/ops' },
      thread: { number: 1, kind: 'issue' },
      comment: { id: comment.id, createdAt: comment.created_at },
      sender: 'mona',
      installation: 3,
    });
    await bench.waitForReaction(comment, 'eyes');
    const reply = await bench.waitForReply(comment, job?.id);
    bench.orchestrator.updateJob(job?.id ?? '', {
      state: 'running',
      progress: { done: 4, failed: 0, total: 10, workers: 2 },
    });
    await bench.waitForReply(comment, '4/10');
    bench.orchestrator.updateJob(job?.id ?? '', { state: 'completed', result: { estimate: 3.14 } });
    await bench.waitForReaction(comment, 'rocket');
    expect(reply.body).toContain('3.14');
    expect(bench.github.repliesTo(comment.id)).toHaveLength(1);
  });

  test('the webhook is not answered before the start is', async () => {
    const gate = Promise.withResolvers<void>();
    bench.orchestrator.starting = gate.promise;
    let answered = false;
    const said = bench.postComment('/compute 10').finally(() => (answered = true));
    await waitUntil('the permission', () =>
      bench.github.calls.some(({ path }) => path.endsWith('/permission')),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answered).toBe(false);
    gate.resolve();
    await expect(said).resolves.toMatchObject({ status: 200 });
  });

  test('ten deliveries at once, and ten more after the end: one job, one reply', async () => {
    const comment = bench.github.addComment('/compute 10');
    const ten = () => Promise.all(Array.from({ length: 10 }, () => bench.deliver(toWebhookPayload(comment))));
    const slow = Promise.withResolvers<void>();
    bench.github.creating = slow.promise;
    expect((await ten()).map(({ status }) => status)).toEqual(Array(10).fill(200));
    slow.resolve();
    const [job] = [...bench.orchestrator.jobs.values()];
    await bench.waitForReply(comment);
    bench.orchestrator.updateJob(job?.id ?? '', { state: 'completed' });
    await bench.waitForReaction(comment, 'rocket');
    const { body } = await bench.waitForReply(comment);
    await ten();
    await bench.stop();
    expect(bench.orchestrator.starts).toBe(1);
    expect(bench.github.repliesTo(comment.id)).toMatchObject([{ body }]);
  });

  test('a reply that GitHub does not list yet is not written twice', async () => {
    const comment = bench.github.addComment('/compute 10');
    await bench.deliver(toWebhookPayload(comment));
    const reply = await bench.waitForReply(comment);
    bench.github.hidden.add(reply.id);
    await bench.deliver(toWebhookPayload(comment));
    await bench.stop();
    expect(bench.github.repliesTo(comment.id)).toHaveLength(1);
  });

  test('an orchestrator that is down fails the webhook; delivered again, it starts', async () => {
    bench.orchestrator.fault = 503;
    const { comment, status } = await bench.postComment('/compute 10');
    expect(status).toBe(500);
    bench.orchestrator.fault = undefined;
    expect((await bench.deliver(toWebhookPayload(comment))).status).toBe(200);
    await bench.waitForReply(comment);
    expect(bench.orchestrator.starts).toBe(1);
  });

  test.each([401, 404])('a fault that carries status %i is a failure all the same', async (status) => {
    bench.orchestrator.fault = status;
    expect((await bench.postComment('/compute 10')).status).toBe(500);
  });

  test('a person without permission gets an explanation, and nothing starts', async () => {
    bench.github.permissions.set('mona', { permission: 'read', role_name: 'read' });
    const { comment, status } = await bench.postComment('/compute 10');
    expect(status).toBe(200);
    await bench.waitForReaction(comment, 'confused');
    await bench.waitForReply(comment, 'write');
    expect(bench.orchestrator.starts).toBe(0);
  });

  test('a custom role counts as the highest level that GitHub says it grants', async () => {
    bench.github.policy = 'version: 1\ncompute: {allow: {permission: maintain}}';
    const names = { permission: 'write', role_name: 'release-lead' };
    bench.github.permissions.set(
      'mona',
      collaboratorPermission(names, 'maintain', { id: 11, login: 'mona' }),
    );
    const { comment } = await bench.postComment('/compute 10');
    await bench.waitForReply(comment);
    expect(bench.orchestrator.starts).toBe(1);
  });

  test('/help tells members that nobody owns a policy with approvals, and looks for owners for nobody else', async () => {
    bench.github.policy = 'version: 1\ntasks: {Hello: {approval: {from: {permission: maintain}}}}';
    const looks = (): string[] =>
      bench.github.calls.map(({ path }) => path).filter((path) => path.endsWith('CODEOWNERS'));
    const stranger = bench.github.addComment('/help', { user: { id: 12, login: 'eve', type: 'User' } });
    await bench.deliver(toWebhookPayload(stranger));
    expect((await bench.waitForReply(stranger)).body).not.toContain('CODEOWNERS');
    const run = await bench.postComment('/run Hello who=world');
    await bench.waitForReply(run.comment);
    expect(looks()).toEqual([]);
    const { comment } = await bench.postComment('/help');
    await bench.waitForReply(comment, '`/.github/coxswain.yml @OWNER/TEAM`');
    expect(looks()).toHaveLength(3);
    bench.github.fail(/CODEOWNERS$/, 503, 'Unavailable');
    const again = await bench.postComment('/help');
    expect((await bench.waitForReply(again.comment)).body).not.toContain('CODEOWNERS');
    expect(looks()).toHaveLength(4);
  });

  test('a reply that cannot be written at first is tried again, though no job would make up for it', async () => {
    bench.github.fail(/^POST .*\/issues\/1\/comments$/, 502, 'Bad Gateway', 1);
    const { comment } = await bench.postComment('/help');
    await bench.waitForReply(comment);
    expect(bench.github.repliesTo(comment.id)).toHaveLength(1);
  });

  test('a text that could not be written fails the webhook, so that it is redelivered', async () => {
    bench.github.fail(/^POST .*\/issues\/1\/comments$/, 502, 'Bad Gateway');
    const said = bench.postComment('/help');
    await waitUntil('the first try', () =>
      bench.logged.some(({ msg }) => msg === 'could not write a reply: retrying'),
    );
    await bench.stop();
    expect((await said).status).toBe(500);
  });

  test('a thread that is locked is left alone', async () => {
    bench.orchestrator.age = 10_000;
    bench.github.fail(/^(POST|PATCH) .*comments/, 403, 'Unable to create comment because issue is locked.');
    const { status } = await bench.postComment('/compute 10');
    expect(status).toBe(200);
    const given = await waitUntil('the end of it', () =>
      bench.logged.find((line) => JSON.stringify(line).includes('"outcome":"reply-refused"')),
    );
    expect(given).toBeDefined();
    const writes = () =>
      bench.github.calls.filter(({ method, path }) => method === 'POST' && path.endsWith('/1/comments'))
        .length;
    const before = writes();
    const lists = bench.orchestrator.lists.length;
    await waitUntil('some more looks', () => bench.orchestrator.lists.length > lists + 5);
    expect(writes()).toBe(before);
  });

  test.each([
    [
      'a deletion',
      (bench_: BotFixture) => toWebhookPayload(bench_.github.addComment('/compute 10'), 'deleted'),
    ],
    [
      'ourselves',
      (bench_: BotFixture) => toWebhookPayload(bench_.github.addComment('/compute 10', { user: ourBot })),
    ],
    [
      'talk',
      (bench_: BotFixture) => toWebhookPayload(bench_.github.addComment('Please `/compute 10` later')),
    ],
  ])('%s starts nothing and asks nothing', async (_what, payload) => {
    expect((await bench.deliver(payload(bench))).status).toBe(200);
    expect(bench.orchestrator.starts).toBe(0);
    expect(bench.github.calls.filter(({ path }) => path.startsWith('/repos'))).toEqual([]);
  });

  test('another program, to which no policy listens, is given no word', async () => {
    const user = { id: 5, login: 'renovate[bot]', type: 'Bot' };
    const comment = bench.github.addComment('/compute 10', { user });
    expect((await bench.deliver(toWebhookPayload(comment))).status).toBe(200);
    await bench.stop();
    expect(bench.orchestrator.starts).toBe(0);
    expect(
      bench.github.calls.filter(({ method, path }) => method !== 'GET' && path.startsWith('/repos')),
    ).toEqual([]);
  });

  test('an edit runs what it adds, once; by somebody else nothing', async () => {
    const { comment } = await bench.postComment('Please wait');
    const before = comment.body;
    comment.body = '/compute 10';
    const payload = { ...toWebhookPayload(comment, 'edited'), changes: { body: { from: before } } };
    const other = { id: 12, login: 'hubot', type: 'User' };
    expect((await bench.deliver({ ...payload, sender: other })).status).toBe(200);
    expect(bench.orchestrator.starts).toBe(0);
    expect((await bench.deliver(payload)).status).toBe(200);
    expect((await bench.deliver(payload)).status).toBe(200);
    expect(bench.orchestrator.starts).toBe(1);
    await bench.waitForReply(comment, [...bench.orchestrator.jobs.keys()][0]);
    expect(bench.github.repliesTo(comment.id)).toHaveLength(1);
  });

  test('an outage of GitHub and of the orchestrator leaves the bot in service', async () => {
    bench.orchestrator.fault = 503;
    bench.github.fail(/./, 401, 'Bad credentials');
    expect((await bench.postComment('/compute 10')).status).toBe(500);
    const ready = await fetch(`${bench.url}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([200, 'ready\n']);
    const shown = await (await fetch(bench.metricsUrl)).text();
    expect(shown).toContain('coxswain_orchestrator_up 0');
    bench.github.clearFaults();
  });

  const known = examples as unknown as { name: string; examples: object[] }[];
  test('payloads of GitHub’s own, of every event, are taken', async () => {
    const answers = await Promise.all(
      known.flatMap(({ name, examples: [payload] }) => bench.deliver(payload, { event: name })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(bench.orchestrator.starts).toBe(0);
  });

  test.each([
    ['a bad signature', '{}', { signature: '0'.repeat(64) }, 400],
    ['no JSON', '{', {}, 400],
    ['a wrong payload', '{"action":"created","comment":{}}', {}, 400],
  ])('%s is refused', async (_what, body, options, expected) => {
    expect((await bench.deliver(body, options)).status).toBe(expected);
  });

  test('what is not JSON by its type, or has no signature, is refused', async () => {
    const url = `${bench.url}/api/github/webhooks`;
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(415);
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'issue_comment',
      'x-github-delivery': '1',
    };
    expect((await fetch(url, { method: 'POST', body: '{}', headers })).status).toBe(400);
    expect((await fetch(url)).status).toBe(405);
  });

  test('a payload larger than any of GitHub’s is refused unread', async () => {
    const response = await fetch(`${bench.url}/api/github/webhooks`, {
      method: 'POST',
      body: Buffer.alloc(26 * 1024 * 1024),
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'issue_comment',
        'x-github-delivery': '1',
        'x-hub-signature-256': `sha256=${'0'.repeat(64)}`,
      },
    });
    expect(response.status).toBe(413);
  });

  test('health, and nothing else; metrics on a port of their own, without names of people and repositories', async () => {
    await bench.postComment('/compute 10');
    const get = async (path: string) => {
      const response = await fetch(`${bench.url}${path}`);
      return { status: response.status, text: await response.text() };
    };
    expect(await get('/healthz')).toEqual({ status: 200, text: 'ok\n' });
    expect(await get('/readyz')).toEqual({ status: 200, text: 'ready\n' });
    expect((await get('/')).status).toBe(404);
    expect((await get('/metrics')).status).toBe(404);
    const text = await (await fetch(bench.metricsUrl)).text();
    expect((await fetch(bench.metricsUrl.replace('metrics', 'healthz'))).status).toBe(404);
    expect(text).toContain('coxswain_webhooks_total{event="issue_comment",outcome="accepted"} 1');
    expect(text).toContain('coxswain_starts_total{kind="compute",outcome="started"} 1');
    expect(text).not.toMatch(/acme|ops|octavia|mona/i);
    const named = [...text.matchAll(/^# TYPE coxswain_(\S+)/gm)].map(([, name]) => name);
    expect(named).toEqual(expect.arrayContaining(['commands_total', 'decisions_total', 'jobs', 'leading']));
    expect(named).toEqual(expect.arrayContaining(['webhook_answer_seconds', 'tracker_lag_seconds']));
    expect(named).toEqual(expect.arrayContaining(['github_quota_remaining', 'github_up', 'orchestrator_up']));
  });
});
