import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { refreshReply } from '../../chatops/reply/render-reply.ts';
import type { Job } from '../../compute/client/index.ts';
import { bot, type FakeGitHub, type StoredComment } from '../fakes/fake-github.ts';
import type { FakeOrchestrator } from '../fakes/fake-orchestrator.ts';
import { ActionFixture } from '../fixtures/action/action-fixture.ts';
import {
  findCommands,
  runStep,
  type FinishedStep,
  type StepSettings,
} from '../fixtures/action/step-process.ts';

/* A sweep repairs runs that are missing or were killed. */

let fixture: ActionFixture;
let orchestrator: FakeOrchestrator;
let github: FakeGitHub;

beforeEach(async () => {
  fixture = await new ActionFixture().open();
  ({ orchestrator, github } = fixture);
});
afterEach(() => fixture.close());

const sweep = (
  inputs: StepSettings['inputs'] = {},
  { name = 'schedule', payload = {} }: { name?: string; payload?: object } = {},
): Promise<FinishedStep> =>
  runStep(
    fixture.step({
      inputs: { mode: 'sweep', ...inputs },
      environment: { GITHUB_EVENT_NAME: name },
      event: payload,
    }),
  );

const counted = (answered: number, late: number, brought: number, failed: number): string =>
  `| ${answered} | ${late} | ${brought} | ${failed} |`;

/** The result of a sweep with nothing to do; it has no summary. */
const idle = { said: expect.stringContaining('Nothing to do.'), summary: '' };

const calls = (pattern = /./): string[] =>
  github.calls.map(({ method, path }) => `${method} ${path}`).filter((call) => pattern.test(call));

const writes = (): string[] => calls(/^(?!GET)/);

const where = { host: 'github.com', repository: { id: 501, name: 'acme/ops' } };

let jobs = 0;
/** A job as the Action starts one for a comment, or for a step of a workflow with `reply-to`. */
const job = (from: StoredComment | 'workflow', more: Partial<Job> = {}): Job => {
  jobs += 1;
  const id = `job-${String(jobs).padStart(32, '0')}`;
  const origin =
    from === 'workflow'
      ? { ...where, thread: { number: 1, kind: 'issue' as const }, workflow: { run: '1' } }
      : {
          ...where,
          thread: { number: from.issue, kind: 'issue' as const },
          comment: { id: from.id, createdAt: from.created_at },
        };
  orchestrator.addJob({ id, origin, ...more });
  return orchestrator.jobs.get(id) as Job;
};

const replyBody = (comment: number, shown: Job): string =>
  refreshReply(undefined, { comment, jobs: [shown], isPublic: false }).body;

/** Our reply, as it showed a job last. */
const replied = (comment: StoredComment, shown: Job): StoredComment =>
  github.addComment(replyBody(comment.id, shown), { user: bot, issue: comment.issue, ago: 6 });

const completed = { state: 'completed', result: { pi: 3 } } as const;

describe('a missed command', () => {
  test('is run once, however many sweeps follow, and a later sweep completes its reply', async () => {
    const comment = github.addComment('/compute 10', { ago: 10 });
    const { code, said, outputs, summary } = await sweep();
    expect({ code, outputs }).toEqual({ code: 0, outputs: {} });
    expect(said).toContain(`Comment ${comment.id} on https://github.com/acme/ops/issues/1: answered\n`);
    expect(summary).toContain(counted(1, 0, 0, 0));
    expect(summary).toContain(
      `- Comment ${comment.id} on [#1](https://github.com/acme/ops/issues/1): answered`,
    );
    expect(orchestrator.starts).toBe(1);
    expect(github.reactionsTo(comment.id)).toEqual(['eyes']);

    fixture.expireReplyLeases();
    const [started] = orchestrator.jobs.keys();
    orchestrator.updateJob(started ?? '', completed);
    expect((await sweep()).summary).toContain(counted(0, 0, 1, 0));
    const before = writes().length;
    expect(await sweep()).toMatchObject(idle);
    expect(writes()).toHaveLength(before);
    expect(orchestrator.startRequests).toBe(1);
    const [reply, more] = github.repliesTo(comment.id);
    expect([reply?.body, more]).toEqual([expect.stringContaining('completed'), undefined]);
    expect(github.reactionsTo(comment.id)).toEqual(['eyes', 'rocket']);
  });

  test('that is too old is answered as too late', async () => {
    const comment = github.addComment('/compute 10', { ago: 90 });
    expect((await sweep()).summary).toContain(counted(0, 1, 0, 0));
    expect(orchestrator.startRequests).toBe(0);
    expect(github.repliesTo(comment.id)).toHaveLength(1);
    expect(await sweep()).toMatchObject(idle);
  });

  test('that an app posted for a person is answered as to that person, whether it may run or not', async () => {
    const via = { id: 5, slug: 'relay' };
    const old = github.addComment('/compute 10', { ago: 90, via });
    const refused = github.addComment('/compute 20', { ago: 10, via });
    expect((await sweep()).summary).toContain(counted(1, 1, 0, 0));
    expect(github.repliesTo(old.id)).toHaveLength(1);
    expect(github.repliesTo(refused.id)).toMatchObject([{ body: expect.stringContaining('`relay`') }]);
    expect(orchestrator.startRequests).toBe(0);
    github.policy = "version: 1\ncompute: {allow: {permission: write, bots: ['relay[bot]']}}";
    github.addComment('/compute 30', { ago: 10, via });
    expect((await sweep()).summary).toContain(counted(1, 0, 0, 0));
    expect([...orchestrator.jobs.values()]).toMatchObject([{ origin: { notes: { app: 'relay' } } }]);
  });

  test('whose own run may still start is ignored', async () => {
    github.addComment('/compute 10', { ago: 4 });
    expect(await sweep()).toMatchObject(idle);
    expect(orchestrator.startRequests).toBe(0);
  });

  test('that the app has claimed or answered is ignored', async () => {
    const claimed = github.addComment('/compute 10', { ago: 10 });
    orchestrator.leases.set(`entry/github.com/501/${claimed.id}`, { holder: 'app', until: Infinity });
    const told = github.addComment('/compute 20', { ago: 10 });
    const app = { id: 5, login: 'other[bot]', type: 'Bot' };
    github.addComment(replyBody(told.id, job('workflow', { origin: {} })), { user: app });
    expect(await sweep()).toMatchObject(idle);
    expect(orchestrator.startRequests).toBe(0);
    expect(writes()).toEqual([]);
  });

  test('is not found in another program’s comment or in a quoted command', async () => {
    github.addComment('/lgtm', { ago: 10, user: { id: 6, login: 'other[bot]', type: 'Bot' } });
    github.addComment('```\n/compute 10\n```', { ago: 10 });
    expect(await sweep()).toMatchObject(idle);
    expect(writes()).toEqual([]);
  });

  test('is not found in a workflow’s comment, which starts no run; the user whose token the sweep has is answered', async () => {
    github.policy = 'version: 1\ncompute:\n  allow: {permission: write, bots: ["coxswain[bot]"]}\n';
    github.addComment('/compute 10', { ago: 10, user: bot });
    expect(await sweep()).toMatchObject(idle);
    github.login = 'mona';
    github.addComment('/compute 20', { ago: 10 });
    await sweep();
    expect([...orchestrator.jobs.values()].map(({ origin }) => origin.sender)).toContain('mona');
  });
});

describe('a reply whose run was killed', () => {
  test('is completed, with the final reaction', async () => {
    const comment = github.addComment('/compute 10', { ago: 20 });
    const { id, ...shown } = job(comment, { state: 'running' });
    const reply = replied(comment, { id, ...shown });
    orchestrator.updateJob(id, completed);
    const { code, summary, said } = await sweep();
    expect({ code, summary }).toEqual({ code: 0, summary: expect.stringContaining(counted(0, 0, 1, 0)) });
    expect(said).toContain(`The reply to comment ${comment.id} on `);
    expect(reply.body).toContain('completed');
    expect(github.reactionsTo(comment.id)).toEqual(['rocket']);
  });

  test('gets only its missing final reaction', async () => {
    const comment = github.addComment('/compute 10', { ago: 20 });
    replied(comment, job(comment, { ...completed, endedAt: new Date().toISOString() }));
    await sweep();
    expect(writes()).toEqual([`POST /repos/acme/ops/issues/comments/${comment.id}/reactions`]);
    await sweep();
    expect(writes()).toHaveLength(1);
  });

  test('shows that its job no longer waits', async () => {
    const comment = github.addComment('/compute 10', { ago: 20 });
    const waits = job(comment, { state: 'waiting' });
    const reply = replied(comment, waits);
    expect(await sweep()).toMatchObject(idle);
    orchestrator.updateJob(waits.id, { state: 'running' });
    await sweep();
    expect(reply.body).toContain('is running');
  });

  test('is created if it is missing', async () => {
    const comment = github.addComment('/compute 10', { ago: 20 });
    github.reactions.push({ comment: comment.id, content: 'eyes' });
    job(comment, { state: 'running' });
    expect((await sweep()).summary).toContain(counted(0, 0, 1, 0));
    expect(github.repliesTo(comment.id)).toHaveLength(1);
  });

  test('is not created again if it was deleted after its completion', async () => {
    const comment = github.addComment('/compute 10', { ago: 20 });
    github.reactions.push({ comment: comment.id, content: 'rocket' });
    job(comment, { ...completed, endedAt: new Date().toISOString() });
    expect(await sweep()).toMatchObject(idle);
    expect(writes()).toEqual([]);
  });

  test('is completed for a workflow’s job, too', async () => {
    const shown = job('workflow', { state: 'running' });
    const reply = github.addComment(replyBody(0, shown), { user: bot, ago: 6 });
    orchestrator.updateJob(shown.id, { state: 'failed', reason: 'internal' });
    await sweep();
    await sweep();
    expect(reply.body).toContain('failed');
    expect(writes()).toEqual([`PATCH /repos/acme/ops/issues/comments/${reply.id}`]);
  });

  test('is found on its thread if it has not changed for a long time', async () => {
    const shown = job('workflow', { state: 'waiting', createdAt: new Date(0).toISOString() });
    github.addComment(replyBody(0, shown), { user: bot, ago: 3_000 });
    expect(await sweep()).toMatchObject(idle);
    expect(github.comments).toHaveLength(1);
  });

  test('is ignored for jobs of the app, of other repositories, without a thread, or that are too old', async () => {
    const comment = github.addComment('/compute 10', { ago: 20 });
    github.reactions.push({ comment: comment.id, content: 'eyes' });
    const origin = { ...where, thread: { number: 1, kind: 'issue' as const } };
    const asked = { id: comment.id, createdAt: comment.created_at };
    job(comment, { origin: { ...origin, comment: asked, installation: 3 } });
    job(comment, { origin: { ...origin, comment: asked, host: 'github.example.com' } });
    job(comment, { origin: { ...origin, comment: asked, repository: { id: 502, name: 'acme/ops' } } });
    job(comment, { origin: { ...origin, comment: { ...asked, createdAt: 'once' } } });
    job(comment, { origin });
    job(comment, { origin: {} });
    job('workflow', { origin: { ...where, workflow: { run: '1' } } });
    job(comment, { ...completed, endedAt: new Date(Date.now() - 90_000_000).toISOString() });
    expect(await sweep()).toMatchObject(idle);
    expect(writes()).toEqual([]);
  });
});

describe('a sweep', () => {
  test('with nothing to do makes two calls', async () => {
    github.addComment('Thank you, and/or well done');
    expect(await sweep()).toMatchObject({ ...idle, code: 0, outputs: {} });
    expect(calls()).toEqual(['GET /repos/acme/ops/issues/comments', 'GET /repos/acme/ops/pulls/comments']);
  });

  test('runs on any event', async () => {
    const event = { name: 'issue_comment', payload: { comment: { body: 'Thank you' } } };
    expect(await sweep({}, event)).toMatchObject(idle);
  });

  test('with many up-to-date replies makes four calls', async () => {
    for (let n = 0; n < 30; n += 1) {
      const comment = github.addComment('/compute 10', { ago: 60, issue: n + 1 });
      replied(comment, job(comment, { state: n % 2 ? 'running' : 'waiting' }));
    }
    await sweep();
    expect(calls().toSorted()).toEqual([
      'GET /repos/acme/ops',
      'GET /repos/acme/ops/issues/comments',
      'GET /repos/acme/ops/pulls/comments',
      'GET /user',
    ]);
  });

  test('continues after a thread that refuses writes or is gone', async () => {
    const comments = [1, 2, 3].map((issue) => github.addComment('/compute 10', { ago: 20, issue }));
    for (const comment of comments) {
      github.reactions.push({ comment: comment.id, content: 'eyes' });
      job(comment, { state: 'running' });
    }
    github.fail(/^POST .*\/issues\/2\/comments/, 403, 'Unable to create comment because issue is locked.');
    github.fail(/^GET .*\/issues\/3\/comments/, 410, 'This issue was deleted');
    const { code, said, summary } = await sweep();
    expect(code).toBe(0);
    expect(summary).toContain(counted(0, 0, 1, 2));
    expect(findCommands(said).filter((line) => line.startsWith('::warning'))).toHaveLength(2);
    expect(comments.map(({ id }) => github.repliesTo(id).length)).toEqual([1, 0, 0]);
  });

  test.each([
    ['at its first call', /^GET .*\/issues\/comments$/, 429, {}],
    ['at the policy', /^GET .*\/contents\//, 403, { 'retry-after': '60' }],
    ['at a write', /^POST/, 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' }],
  ])('ends early at GitHub’s rate limit: %s', async (_, pattern, status, headers) => {
    github.fail(pattern, status, 'API rate limit exceeded', Infinity, headers);
    for (let n = 0; n < 2; n += 1) {
      const comment = github.addComment('/compute 10', { ago: 20 });
      github.reactions.push({ comment: comment.id, content: 'eyes' });
      job(comment, { state: 'running' });
    }
    const { code, said, summary } = await sweep();
    expect(code).toBe(0);
    expect(findCommands(said).filter((line) => line.startsWith('::warning'))).toEqual([
      expect.stringContaining('GitHub’s rate limit allows no calls'),
    ]);
    expect([summary, said]).toEqual(['', expect.not.stringContaining('Nothing to do')]);
    expect(calls(pattern)).toHaveLength(1);
  });

  test('fails if everything it tried was denied', async () => {
    github.addComment('/compute 10', { ago: 10 });
    github.fail(/^POST/, 403, 'Resource not accessible by integration');
    const { code, outputs, summary } = await sweep();
    expect({ code, outputs }).toEqual({ code: 1, outputs: { state: 'error', reason: 'fault' } });
    expect(summary).toContain(counted(0, 0, 0, 1));
  });

  test('fails before any write if the orchestrator does not know the key', async () => {
    github.addComment('/compute 10', { ago: 10 });
    expect((await sweep({ 'orchestrator-key': 'another' })).code).toBe(1);
    expect(writes()).toEqual([]);
  });

  test.each([
    ['the orchestrator', () => (orchestrator.fault = 503)],
    ['GitHub', () => github.fail(/./, 502, 'Bad Gateway')],
  ])('fails if %s is unreachable until the timeout', async (_, goAway) => {
    goAway();
    const { code, outputs } = await sweep({ 'timeout-minutes': '0.01' });
    expect({ code, outputs }).toEqual({ code: 1, outputs: { state: 'error', reason: 'timeout' } });
  });

  test('prints untrusted text only where the runner does not read it', async () => {
    github.addComment('/compute 10 algorithm="::error::forged"\n\n::error::forged', { ago: 10 });
    const { said } = await sweep();
    expect(findCommands(said).filter((line) => line.includes('forged'))).toEqual([]);
  });

  test('takes no command', async () => {
    const { code, said } = await sweep({ command: '/compute 10', 'reply-to': '1' });
    expect(code).toBe(1);
    expect(said).toContain('Input command: expected no value with mode "sweep"');
    expect(said).toContain('Input reply-to: expected no value with mode "sweep"');
    expect(calls()).toEqual([]);
  });
});
