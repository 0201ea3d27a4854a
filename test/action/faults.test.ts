import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readMarker } from '../../chatops/reply/render-reply.ts';
import type { StoredComment } from '../fakes/fake-github.ts';
import { until } from '../fixtures/wait-until.ts';
import { completed, Play } from '../fixtures/action/action-fixture.ts';
import { startStep } from '../fixtures/action/step-process.ts';

/* Faults of GitHub that pass, or on which only a part of the step's work depends. */

let play: Play;
beforeEach(async () => {
  play = await new Play().open();
});
afterEach(() => play.close());

const invalid = (message: string, code: string) => ({
  message: 'Validation Failed',
  errors: [{ resource: 'IssueComment', code, field: 'data', message }],
});

const ours = () => play.github.comments.filter(({ body }) => readMarker(body) !== undefined);

test('a rate limit is waited for', async () => {
  play.github.fail(/permission$/, 403, 'You have exceeded a secondary rate limit', 1, { 'retry-after': '1' });
  const step = await startStep(play.dispatch());
  await step.says('It is tried again');
  play.orchestrator.move((await play.job()).id, completed);
  expect((await step.ended).code).toBe(0);
});

test('one that lasts longer than the time of the step is not waited out', async () => {
  const limit = { 'retry-after': '3000' };
  play.github.fail(/permission$/, 403, 'You have exceeded a secondary rate limit', 1, limit);
  expect(await (await startStep(play.dispatch({ inputs: { 'timeout-minutes': '40' } }))).ended).toMatchObject(
    {
      code: 1,
      outputs: { state: 'error', reason: 'fault' },
    },
  );
});

/** GitHub's softer refusals, none of which names a time by itself. */
const soft = [
  ['submitted too quickly', 422, invalid('was submitted too quickly', 'custom')],
  ['abuse', 422, invalid('', 'abuse')],
  [
    'an abuse detection mechanism',
    403,
    'You have triggered an abuse detection mechanism. Please wait a few minutes before you try again.',
  ],
  ['too many requests', 429, {}],
] as const;

describe.each(soft)('%s (%i)', (_what, status, body) => {
  test.each(['dispatch', 'comment'] as const)('on a read is waited for: %s', async (mode) => {
    play.github.fail(/permission$/, status, body);
    const asked = play.github.comment('/compute 10');
    const step = await startStep(mode === 'comment' ? play.comment(asked) : play.dispatch());
    await step.says('It is tried again');
    // The next attempt comes in a minute.
    step.kill('SIGKILL');
    await step.ended;
  });

  test('on the first reply and on the last edit is waited out', async () => {
    const soon = { 'retry-after': '1' };
    play.github.fail(/^POST .*issues.*comments$/, status, body, 1, soon);
    const asked = play.github.comment('/compute 10');
    const step = await startStep(play.comment(asked));
    await until('the reply', () => ours().length > 0);
    play.github.fail(/^PATCH/, status, body, 1, soon);
    play.orchestrator.move((await play.job()).id, completed);
    expect((await step.ended).code).toBe(0);
    expect(ours().map((one) => one.body)).toEqual([expect.stringContaining('completed')]);
    expect(play.github.reactionsTo(asked.id)).toContain('rocket');
  });
});

test.each([
  ['not permitted', 403, 'Resource not accessible by integration', false],
  ['abuse', 403, 'You have triggered an abuse detection mechanism.', true],
  ['invalid', 422, invalid('is invalid', 'invalid'), false],
  ['down', 502, 'Bad Gateway', true],
] as const)('a reaction is never worth a step: %s', async (_what, status, body, passes) => {
  play.github.fail(/reactions$/, status, body);
  const asked = play.github.comment('/compute 10');
  const step = await startStep(play.comment(asked));
  await until('the reply', () => ours().length > 0);
  await step.says('is followed');
  // What passes is waited for at the last reaction; the rest is left.
  if (passes) play.github.heal();
  play.orchestrator.move((await play.job()).id, completed);
  expect(await step.ended).toMatchObject({ code: 0, outputs: { state: 'completed' } });
  expect(ours().map((one) => one.body)).toEqual([expect.stringContaining('completed')]);
});

test.each(['dispatch', 'comment'] as const)('the last write is tried again: %s', async (mode) => {
  const asked = play.github.comment('/compute 10');
  const step = await startStep(
    mode === 'comment' ? play.comment(asked) : play.dispatch({ inputs: { 'reply-to': '1' } }),
  );
  await step.says('queued');
  play.github.fail(/^PATCH/, 502, 'Bad Gateway', 1);
  play.orchestrator.move((await play.job()).id, completed);
  expect((await step.ended).code).toBe(0);
  expect(ours().map(({ body }) => body)).toEqual([expect.stringContaining('completed')]);
});

test.each(['dispatch', 'comment'] as const)('a reply that was deleted is written anew: %s', async (mode) => {
  const asked = play.github.comment('/compute 10');
  const step = await startStep(
    mode === 'comment' ? play.comment(asked) : play.dispatch({ inputs: { 'reply-to': '1' } }),
  );
  await step.says('queued');
  const [first] = await until('the reply', () => (ours().length > 0 ? ours() : undefined));
  play.github.comments.splice(play.github.comments.indexOf(first as StoredComment), 1);
  play.orchestrator.move((await play.job()).id, completed);
  expect((await step.ended).code).toBe(0);
  expect(ours().map(({ body }) => body)).toEqual([expect.stringContaining('completed')]);
});

test('a thread that is locked in between keeps no job from its end', async () => {
  play.github.fail(/^POST .*issues.*comments$/, 403, 'Unable to create comment because issue is locked.');
  const step = await startStep(play.comment(play.github.comment('/compute 10')));
  await step.says('The thread takes no reply');
  play.orchestrator.move((await play.job()).id, completed);
  expect(await step.ended).toMatchObject({ code: 0, outputs: { state: 'completed' } });
});

test('a job that is gone keeps no other job of the comment from its end', async () => {
  const step = await startStep(play.comment(play.github.comment('/compute 10\n/compute 20')));
  const [gone, other] = [await play.job(1), await play.job(2)];
  await step.says(`is followed: ${gone.id}`);
  await step.says(`is followed: ${other.id}`);
  const looks = (): number => play.orchestrator.gets.filter((id) => id === gone.id).length;
  play.orchestrator.jobs.delete(gone.id);
  const before = looks();
  await until('a look', () => looks() > before);
  play.orchestrator.move(other.id, completed);
  const { code, said } = await step.ended;
  expect(code).toBe(1);
  expect(said).toContain(`The orchestrator does not know ${gone.id}`);
  expect(ours()[0]?.body).toContain('completed');
});
