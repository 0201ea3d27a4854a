import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bot } from '../fakes/fake-github.ts';
import { until } from '../fixtures/wait-until.ts';
import { completed, Play } from '../fixtures/action/action-fixture.ts';
import { runStep, startStep } from '../fixtures/action/step-process.ts';

let play: Play;

beforeEach(async () => {
  play = await new Play().open();
});
afterEach(() => play.close());

describe('a comment', () => {
  test('with a command becomes a job and one reply, up to its end', async () => {
    const comment = play.github.comment('/compute 10');
    const step = await startStep(play.comment(comment));
    const { id, origin } = await play.job();
    expect(origin.comment?.id).toBe(comment.id);
    play.orchestrator.move(id, { state: 'completed', result: { pi: 3 } });
    const { code, outputs } = await step.ended;
    expect({ code, outputs }).toMatchObject({ code: 0, outputs: { state: 'completed', 'job-id': id } });
    const [reply, more] = play.github.repliesTo(comment.id);
    expect(reply?.body).toContain('completed');
    expect(more).toBeUndefined();
    expect(play.github.reactionsTo(comment.id)).toEqual(['eyes', 'rocket']);
  });

  test.each(['hello', 'see a/b', ''])('without a command asks nobody: %j', async (body) => {
    const { code, said, outputs } = await runStep(play.comment(play.github.comment(body)));
    expect({ code, said, outputs }).toEqual({ code: 0, said: '', outputs: {} });
    expect(play.github.calls).toEqual([]);
  });

  test('whose job waits ends the step well', async () => {
    const step = await startStep(play.comment(play.github.comment('/compute 10')));
    const { id } = await play.job();
    play.orchestrator.move(id, { state: 'waiting' });
    const { code, outputs } = await step.ended;
    expect({ code, state: outputs['state'] }).toEqual({ code: 0, state: 'waiting' });
  });

  test('with several commands keeps apart what is told of each', async () => {
    const step = await startStep(
      play.comment(play.github.comment('/help compute\n/compute 10\n/compute 20')),
    );
    for (const n of [1, 2]) play.orchestrator.move((await play.job(n)).id, completed);
    const { said, summary } = await step.ended;
    for (const name of ['/compute 10', '/compute 20']) {
      expect(said).toMatch(new RegExp(`^\`${name}\`: completed`, 'm'));
      expect(said).toContain(`::group::Result of \`${name}\``);
      // Without a blank line before it, a row of the table above.
      expect(summary).toMatch(new RegExp(`\n\n✅ \\*\\*\`${name}\``));
    }
  });

  test('for help tells members that nobody owns a policy with approvals', async () => {
    play.github.policy = 'version: 1\ntasks: {Hello: {approval: {from: {permission: maintain}}}}';
    const comment = play.github.comment('/help');
    const { code } = await runStep(play.comment(comment));
    expect(code).toBe(0);
    expect(play.github.repliesTo(comment.id)[0]?.body).toContain('`/.github/coxswain.yml @OWNER/TEAM`');
  });

  test('by who may not is refused, and the step ends well', async () => {
    play.github.permissions.clear();
    const comment = play.github.comment('/compute 10');
    const { code, outputs } = await runStep(play.comment(comment));
    expect({ code, state: outputs['state'] }).toEqual({ code: 0, state: 'refused' });
    expect(play.github.repliesTo(comment.id)).toHaveLength(1);
    expect(play.orchestrator.asked).toBe(0);
  });

  test('that an app posted for a person is refused once a day, and runs once the policy lists the app', async () => {
    const via = { id: 5, slug: 'relay' };
    const say = () => play.github.comment('/compute 10', { via });
    const first = say();
    expect((await runStep(play.comment(first))).outputs['state']).toBe('refused');
    const [explanation, more] = play.github.repliesTo(first.id);
    expect([explanation?.body, more]).toEqual([expect.stringContaining('the GitHub App `relay`'), undefined]);
    const second = say();
    expect((await runStep(play.comment(second))).outputs['state']).toBe('refused');
    expect(play.github.repliesTo(second.id)).toEqual([]);
    expect(play.github.reactionsTo(second.id)).toEqual(['confused']);
    expect(play.orchestrator.asked).toBe(0);

    play.github.policy = "version: 1\ncompute: {allow: {permission: write, bots: ['relay[bot]']}}";
    const step = await startStep(play.comment(say()));
    const { id, origin } = await play.job();
    expect(origin).toMatchObject({ sender: 'mona', notes: { app: 'relay' } });
    play.orchestrator.move(id, completed);
    expect((await step.ended).outputs['state']).toBe('completed');
  });

  test('edited by another starts nothing', async () => {
    const comment = play.github.comment('/compute 10');
    const changes = { body: { from: 'hello' } };
    const sender = { id: 12, login: 'eve', type: 'User' };
    const { outputs } = await runStep(
      play.comment(comment, { event: { action: 'edited', changes, sender } }),
    );
    expect(outputs['state']).toBe('refused');
    expect(play.orchestrator.asked).toBe(0);
  });

  test('edited by its author runs what is new alone', async () => {
    const comment = play.github.comment('/compute 10\n/compute 20');
    const changes = { body: { from: '/compute 10' } };
    const step = await startStep(play.comment(comment, { event: { action: 'edited', changes } }));
    const { id, request } = await play.job();
    expect(request['inputCount']).toBe(20);
    play.orchestrator.move(id, { state: 'completed', result: {} });
    expect((await step.ended).code).toBe(0);
    expect(play.orchestrator.starts).toBe(1);
  });

  test('of our own is nobody’s', async () => {
    const { code } = await runStep(play.comment(play.github.comment('/compute 10', { user: bot })));
    expect({ code, asked: play.orchestrator.asked }).toEqual({ code: 0, asked: 0 });
  });

  test('that was told before has its one job and its one reply', async () => {
    const comment = play.github.comment('/compute 10');
    const first = await startStep(play.comment(comment));
    const { id } = await play.job();
    play.orchestrator.move(id, { state: 'completed', result: {} });
    await first.ended;
    play.later();
    expect((await runStep(play.comment(comment))).code).toBe(0);
    expect(play.orchestrator.starts).toBe(1);
    expect(play.github.repliesTo(comment.id)).toHaveLength(1);
  });

  test('is answered once the orchestrator can tell whose it is', async () => {
    play.orchestrator.fault = 503;
    const comment = play.github.comment('/compute 10');
    const step = await startStep(play.comment(comment));
    await step.says('It is tried again');
    expect(play.github.repliesTo(comment.id)).toEqual([]);
    play.orchestrator.fault = undefined;
    const { id } = await play.job();
    play.orchestrator.move(id, { state: 'completed', result: {} });
    expect((await step.ended).code).toBe(0);
    expect(play.github.repliesTo(comment.id)).toHaveLength(1);
    expect([...play.orchestrator.leases.keys()]).toContain(`entry/github.com/501/${comment.id}`);
  });

  test('that the app has claimed is left to it', async () => {
    const comment = play.github.comment('/compute 10');
    const claim = { holder: 'app', until: Date.now() + 60_000 };
    play.orchestrator.leases.set(`entry/github.com/501/${comment.id}`, claim);
    const { code, said, outputs } = await runStep(play.comment(comment));
    expect({ code, said, outputs, asked: play.orchestrator.asked }).toMatchObject({
      code: 0,
      outputs: {},
      asked: 0,
    });
    expect(said).toContain('The app answers this comment');
    expect([...play.github.repliesTo(comment.id), ...play.github.reactionsTo(comment.id)]).toEqual([]);
  });
});

describe('a later attempt of a comment’s run', () => {
  const attempt = { environment: { GITHUB_RUN_ATTEMPT: '2' } };

  test('follows the job that there is, and starts nothing twice', async () => {
    const comment = play.github.comment('/compute 10');
    const first = await startStep(play.comment(comment));
    const { id } = await play.job();
    await first.says('queued');
    first.kill('SIGKILL');
    await first.ended;
    play.later();
    const again = await startStep(play.comment(comment, attempt));
    await again.says(`is followed: ${id}`);
    play.orchestrator.move(id, completed);
    expect(await again.ended).toMatchObject({ code: 0, outputs: { 'job-id': id, state: 'completed' } });
    expect(play.orchestrator.starts).toBe(1);
    expect(play.github.repliesTo(comment.id)).toMatchObject([{ body: expect.stringContaining('completed') }]);
  });

  test('tells how its job ended, also of one that failed, and also late', async () => {
    const comment = play.github.comment('/compute 10');
    const first = await startStep(play.comment(comment));
    const { id } = await play.job();
    play.orchestrator.move(id, { state: 'failed', reason: 'internal' });
    const { code, outputs } = await first.ended;
    expect(code).toBe(1);
    play.later();
    const again = await runStep(play.comment(comment, attempt));
    expect(again).toMatchObject({ code, outputs });
    play.later();
    const late = { ...comment, created_at: hoursAgo(2) };
    expect(await runStep(play.comment(late, attempt))).toMatchObject({
      code,
      outputs: { 'job-id': id, state: 'failed', reason: 'internal' },
    });
    expect(play.orchestrator.starts).toBe(1);
    expect(play.github.repliesTo(comment.id)).toHaveLength(1);
  });
});

const hoursAgo = (hours: number): string =>
  new Date(Date.now() - hours * 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');

describe('a comment that comes more than an hour late', () => {
  test('is too late also if it came in time, and nobody answered until then', async () => {
    const soonLate = { ...play.github.comment('/compute 10'), created_at: hoursAgo(1 - 3 / 3_600) };
    play.orchestrator.fault = 503;
    const step = await startStep(play.comment(soonLate));
    await step.says('It is tried again');
    await until('an hour', () => Date.now() - Date.parse(soonLate.created_at) > 3_600_000);
    play.orchestrator.fault = undefined;
    expect(await step.ended).toMatchObject({ outputs: { state: 'refused' } });
    expect(play.orchestrator.starts).toBe(0);
  });

  test('is answered as missed, and starts nothing', async () => {
    const comment = Object.assign(play.github.comment('/compute 10'), { created_at: hoursAgo(1.1) });
    expect(await runStep(play.comment(comment))).toMatchObject({ code: 0, outputs: { state: 'refused' } });
    expect(play.orchestrator.asked).toBe(0);
    const [reply] = play.github.repliesTo(comment.id);
    expect(reply?.body).toContain('/compute 10');
    expect(play.github.reactionsTo(comment.id)).toEqual(['confused']);
  });

  test('is carried out if it is a little younger', async () => {
    const comment = Object.assign(play.github.comment('/compute 10'), { created_at: hoursAgo(0.9) });
    const step = await startStep(play.comment(comment));
    play.orchestrator.move((await play.job()).id, completed);
    expect(await step.ended).toMatchObject({ code: 0, outputs: { state: 'completed' } });
  });
});

describe('of several commands the outputs tell of', () => {
  const failed = { state: 'failed', reason: 'internal' } as const;
  const waiting = { state: 'waiting' } as const;

  test.each([
    ['the first', [completed, completed, completed], 0],
    ['the first that waits', [completed, waiting, waiting], 1],
    ['the first that ended badly', [waiting, completed, failed], 2],
  ] as const)('%s', async (_which, ends, told) => {
    const comment = play.github.comment('/compute 1\n/compute 2\n/compute 3');
    const step = await startStep(play.comment(comment));
    await play.job(3);
    const inOrder = [...play.orchestrator.jobs.values()].toSorted(
      (a, b) => Number(a.request['inputCount']) - Number(b.request['inputCount']),
    );
    for (const [n, job] of inOrder.entries()) play.orchestrator.move(job.id, { ...ends[n] });
    const { code, outputs } = await step.ended;
    expect({ code, id: outputs['job-id'], state: outputs['state'] }).toEqual({
      code: ends.some(({ state }) => state === 'failed') ? 1 : 0,
      id: inOrder[told]?.id,
      state: ends[told].state,
    });
    expect(play.github.repliesTo(comment.id)).toHaveLength(1);
  });

  test('a job, where another command is refused', async () => {
    const comment = play.github.comment('/compute 1\n/run Nothing');
    const step = await startStep(play.comment(comment));
    play.orchestrator.move((await play.job()).id, completed);
    expect(await step.ended).toMatchObject({ code: 0, outputs: { state: 'completed' } });
    expect(play.github.repliesTo(comment.id)[0]?.body).toMatch(/completed[^]*Nothing|Nothing[^]*completed/);
  });
});
