import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bot } from '../fakes/fake-github.ts';
import { waitUntil } from '../fixtures/wait-until.ts';
import { completed, ActionFixture } from '../fixtures/action/action-fixture.ts';
import { runStep, startStep } from '../fixtures/action/step-process.ts';

let fixture: ActionFixture;

beforeEach(async () => {
  fixture = await new ActionFixture().open();
});
afterEach(() => fixture.close());

describe('a comment', () => {
  test('with a command becomes a job and one reply, up to its end', async () => {
    const comment = fixture.github.addComment('/compute 10');
    const step = await startStep(fixture.comment(comment));
    const { id, origin } = await fixture.job();
    expect(origin.comment?.id).toBe(comment.id);
    fixture.orchestrator.updateJob(id, { state: 'completed', result: { pi: 3 } });
    const { code, outputs } = await step.ended;
    expect({ code, outputs }).toMatchObject({ code: 0, outputs: { state: 'completed', 'job-id': id } });
    const [reply, more] = fixture.github.repliesTo(comment.id);
    expect(reply?.body).toContain('completed');
    expect(more).toBeUndefined();
    expect(fixture.github.reactionsTo(comment.id)).toEqual(['eyes', 'rocket']);
  });

  test.each(['hello', 'see a/b', ''])('without a command makes no call: %j', async (body) => {
    const { code, said, outputs } = await runStep(fixture.comment(fixture.github.addComment(body)));
    expect({ code, said, outputs }).toEqual({ code: 0, said: '', outputs: {} });
    expect(fixture.github.calls).toEqual([]);
  });

  test('whose job waits lets the step succeed', async () => {
    const step = await startStep(fixture.comment(fixture.github.addComment('/compute 10')));
    const { id } = await fixture.job();
    fixture.orchestrator.updateJob(id, { state: 'waiting' });
    const { code, outputs } = await step.ended;
    expect({ code, state: outputs['state'] }).toEqual({ code: 0, state: 'waiting' });
  });

  test('with several commands reports each separately', async () => {
    const step = await startStep(
      fixture.comment(fixture.github.addComment('/help compute\n/compute 10\n/compute 20')),
    );
    for (const n of [1, 2]) fixture.orchestrator.updateJob((await fixture.job(n)).id, completed);
    const { said, summary } = await step.ended;
    for (const name of ['/compute 10', '/compute 20']) {
      expect(said).toMatch(new RegExp(`^\`${name}\`: completed`, 'm'));
      expect(said).toContain(`::group::Result of \`${name}\``);
      // Without a blank line before it, a row of the table above.
      expect(summary).toMatch(new RegExp(`\n\n✅ \\*\\*\`${name}\``));
    }
  });

  test('folds the earlier answer to the same person', async () => {
    const [first, second] = [fixture.github.addComment('/help'), fixture.github.addComment('/help')];
    await runStep(fixture.comment(first));
    await runStep(fixture.comment(second));
    const bodies = [first, second].map(({ id }) => fixture.github.repliesTo(id)[0]?.body);
    expect(bodies).toEqual([
      expect.stringContaining('<details><summary>Earlier answer to /help</summary>'),
      expect.not.stringContaining('Earlier answer'),
    ]);
  });

  test('for help warns members that a policy with approvals has no code owner', async () => {
    fixture.github.policy = 'version: 1\ntasks: {Hello: {approval: {from: {permission: maintain}}}}';
    const comment = fixture.github.addComment('/help');
    const { code } = await runStep(fixture.comment(comment));
    expect(code).toBe(0);
    expect(fixture.github.repliesTo(comment.id)[0]?.body).toContain('`/.github/coxswain.yml @OWNER/TEAM`');
  });

  test('by an unauthorized user is refused, and the step succeeds', async () => {
    fixture.github.permissions.clear();
    const comment = fixture.github.addComment('/compute 10');
    const { code, outputs } = await runStep(fixture.comment(comment));
    expect({ code, state: outputs['state'] }).toEqual({ code: 0, state: 'refused' });
    expect(fixture.github.repliesTo(comment.id)).toHaveLength(1);
    expect(fixture.orchestrator.startRequests).toBe(0);
  });

  test('that an app posted for a person is refused once a day, and runs once the policy lists the app', async () => {
    const via = { id: 5, slug: 'relay' };
    const say = () => fixture.github.addComment('/compute 10', { via });
    const first = say();
    expect((await runStep(fixture.comment(first))).outputs['state']).toBe('refused');
    const [explanation, more] = fixture.github.repliesTo(first.id);
    expect([explanation?.body, more]).toEqual([expect.stringContaining('the GitHub App `relay`'), undefined]);
    const second = say();
    expect((await runStep(fixture.comment(second))).outputs['state']).toBe('refused');
    expect(fixture.github.repliesTo(second.id)).toEqual([]);
    expect(fixture.github.reactionsTo(second.id)).toEqual(['confused']);
    expect(fixture.orchestrator.startRequests).toBe(0);

    fixture.github.policy = "version: 1\ncompute: {allow: {permission: write, bots: ['relay[bot]']}}";
    const step = await startStep(fixture.comment(say()));
    const { id, origin } = await fixture.job();
    expect(origin).toMatchObject({ sender: 'mona', notes: { app: 'relay' } });
    fixture.orchestrator.updateJob(id, completed);
    expect((await step.ended).outputs['state']).toBe('completed');
  });

  test('edited by another user starts nothing', async () => {
    const comment = fixture.github.addComment('/compute 10');
    const changes = { body: { from: 'hello' } };
    const sender = { id: 12, login: 'eve', type: 'User' };
    const { outputs } = await runStep(
      fixture.comment(comment, { event: { action: 'edited', changes, sender } }),
    );
    expect(outputs['state']).toBe('refused');
    expect(fixture.orchestrator.startRequests).toBe(0);
  });

  test('edited by its author runs only the new commands', async () => {
    const comment = fixture.github.addComment('/compute 10\n/compute 20');
    const changes = { body: { from: '/compute 10' } };
    const step = await startStep(fixture.comment(comment, { event: { action: 'edited', changes } }));
    const { id, request } = await fixture.job();
    expect(request['inputCount']).toBe(20);
    fixture.orchestrator.updateJob(id, { state: 'completed', result: {} });
    expect((await step.ended).code).toBe(0);
    expect(fixture.orchestrator.starts).toBe(1);
  });

  test('of the Action itself is ignored', async () => {
    const { code } = await runStep(fixture.comment(fixture.github.addComment('/compute 10', { user: bot })));
    expect({ code, asked: fixture.orchestrator.startRequests }).toEqual({ code: 0, asked: 0 });
  });

  test('that is delivered again keeps its one job and its one reply', async () => {
    const comment = fixture.github.addComment('/compute 10');
    const first = await startStep(fixture.comment(comment));
    const { id } = await fixture.job();
    fixture.orchestrator.updateJob(id, { state: 'completed', result: {} });
    await first.ended;
    fixture.expireReplyLeases();
    expect((await runStep(fixture.comment(comment))).code).toBe(0);
    expect(fixture.orchestrator.starts).toBe(1);
    expect(fixture.github.repliesTo(comment.id)).toHaveLength(1);
  });

  test('is answered once the orchestrator can say who claimed it', async () => {
    fixture.orchestrator.fault = 503;
    const comment = fixture.github.addComment('/compute 10');
    const step = await startStep(fixture.comment(comment));
    await step.waitForText('Retrying');
    expect(fixture.github.repliesTo(comment.id)).toEqual([]);
    fixture.orchestrator.fault = undefined;
    const { id } = await fixture.job();
    fixture.orchestrator.updateJob(id, { state: 'completed', result: {} });
    expect((await step.ended).code).toBe(0);
    expect(fixture.github.repliesTo(comment.id)).toHaveLength(1);
    expect([...fixture.orchestrator.leases.keys()]).toContain(`entry/github.com/501/${comment.id}`);
  });

  test('that the app has claimed is ignored', async () => {
    const comment = fixture.github.addComment('/compute 10');
    const claim = { holder: 'app', until: Date.now() + 60_000 };
    fixture.orchestrator.leases.set(`entry/github.com/501/${comment.id}`, claim);
    const { code, said, outputs } = await runStep(fixture.comment(comment));
    expect({ code, said, outputs, asked: fixture.orchestrator.startRequests }).toMatchObject({
      code: 0,
      outputs: {},
      asked: 0,
    });
    expect(said).toContain('The app answers this comment');
    expect([...fixture.github.repliesTo(comment.id), ...fixture.github.reactionsTo(comment.id)]).toEqual([]);
  });
});

describe('a later attempt of a comment’s run', () => {
  const attempt = { environment: { GITHUB_RUN_ATTEMPT: '2' } };

  test('follows the existing job, and starts nothing twice', async () => {
    const comment = fixture.github.addComment('/compute 10');
    const first = await startStep(fixture.comment(comment));
    const { id } = await fixture.job();
    await first.waitForText('queued');
    first.kill('SIGKILL');
    await first.ended;
    fixture.expireReplyLeases();
    const again = await startStep(fixture.comment(comment, attempt));
    await again.waitForText(`following ${id}`);
    fixture.orchestrator.updateJob(id, completed);
    expect(await again.ended).toMatchObject({ code: 0, outputs: { 'job-id': id, state: 'completed' } });
    expect(fixture.orchestrator.starts).toBe(1);
    expect(fixture.github.repliesTo(comment.id)).toMatchObject([
      { body: expect.stringContaining('completed') },
    ]);
  });

  test('reports how its job ended, also a failed one, and also late', async () => {
    const comment = fixture.github.addComment('/compute 10');
    const first = await startStep(fixture.comment(comment));
    const { id } = await fixture.job();
    fixture.orchestrator.updateJob(id, { state: 'failed', reason: 'internal' });
    const { code, outputs } = await first.ended;
    expect(code).toBe(1);
    fixture.expireReplyLeases();
    const again = await runStep(fixture.comment(comment, attempt));
    expect(again).toMatchObject({ code, outputs });
    fixture.expireReplyLeases();
    const late = { ...comment, created_at: hoursAgo(2) };
    expect(await runStep(fixture.comment(late, attempt))).toMatchObject({
      code,
      outputs: { 'job-id': id, state: 'failed', reason: 'internal' },
    });
    expect(fixture.orchestrator.starts).toBe(1);
    expect(fixture.github.repliesTo(comment.id)).toHaveLength(1);
  });
});

const hoursAgo = (hours: number): string =>
  new Date(Date.now() - hours * 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');

describe('a comment that comes more than an hour late', () => {
  test('is too late even if the run started in time but no service responded until then', async () => {
    const soonLate = { ...fixture.github.addComment('/compute 10'), created_at: hoursAgo(1 - 3 / 3_600) };
    fixture.orchestrator.fault = 503;
    const step = await startStep(fixture.comment(soonLate));
    await step.waitForText('Retrying');
    await waitUntil('an hour', () => Date.now() - Date.parse(soonLate.created_at) > 3_600_000);
    fixture.orchestrator.fault = undefined;
    expect(await step.ended).toMatchObject({ outputs: { state: 'refused' } });
    expect(fixture.orchestrator.starts).toBe(0);
  });

  test('is answered as missed, and starts nothing', async () => {
    const comment = Object.assign(fixture.github.addComment('/compute 10'), { created_at: hoursAgo(1.1) });
    expect(await runStep(fixture.comment(comment))).toMatchObject({ code: 0, outputs: { state: 'refused' } });
    expect(fixture.orchestrator.startRequests).toBe(0);
    const [reply] = fixture.github.repliesTo(comment.id);
    expect(reply?.body).toContain('/compute 10');
    expect(fixture.github.reactionsTo(comment.id)).toEqual(['confused']);
  });

  test('is executed if it is slightly younger', async () => {
    const comment = Object.assign(fixture.github.addComment('/compute 10'), { created_at: hoursAgo(0.9) });
    const step = await startStep(fixture.comment(comment));
    fixture.orchestrator.updateJob((await fixture.job()).id, completed);
    expect(await step.ended).toMatchObject({ code: 0, outputs: { state: 'completed' } });
  });
});

describe('for several commands, the outputs describe', () => {
  const failed = { state: 'failed', reason: 'internal' } as const;
  const waiting = { state: 'waiting' } as const;

  test.each([
    ['the first', [completed, completed, completed], 0],
    ['the first that waits', [completed, waiting, waiting], 1],
    ['the first that ended badly', [waiting, completed, failed], 2],
  ] as const)('%s', async (_which, ends, told) => {
    const comment = fixture.github.addComment('/compute 1\n/compute 2\n/compute 3');
    const step = await startStep(fixture.comment(comment));
    await fixture.job(3);
    const inOrder = [...fixture.orchestrator.jobs.values()].toSorted(
      (a, b) => Number(a.request['inputCount']) - Number(b.request['inputCount']),
    );
    for (const [n, job] of inOrder.entries()) fixture.orchestrator.updateJob(job.id, { ...ends[n] });
    const { code, outputs } = await step.ended;
    expect({ code, id: outputs['job-id'], state: outputs['state'] }).toEqual({
      code: ends.some(({ state }) => state === 'failed') ? 1 : 0,
      id: inOrder[told]?.id,
      state: ends[told].state,
    });
    expect(fixture.github.repliesTo(comment.id)).toHaveLength(1);
  });

  test('a job, where another command is refused', async () => {
    const comment = fixture.github.addComment('/compute 1\n/run Nothing');
    const step = await startStep(fixture.comment(comment));
    fixture.orchestrator.updateJob((await fixture.job()).id, completed);
    expect(await step.ended).toMatchObject({ code: 0, outputs: { state: 'completed' } });
    expect(fixture.github.repliesTo(comment.id)[0]?.body).toMatch(
      /completed[^]*Nothing|Nothing[^]*completed/,
    );
  });
});
