import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readMarker } from '../../chatops/reply/render-reply.ts';
import type { StoredComment } from '../fakes/fake-github.ts';
import { waitUntil } from '../fixtures/wait-until.ts';
import { completed, ActionFixture } from '../fixtures/action/action-fixture.ts';
import { startStep } from '../fixtures/action/step-process.ts';

/* Transient errors of GitHub, and errors that affect only a part of the step's work. */

let fixture: ActionFixture;
beforeEach(async () => {
  fixture = await new ActionFixture().open();
});
afterEach(() => fixture.close());

const invalid = (message: string, code: string) => ({
  message: 'Validation Failed',
  errors: [{ resource: 'IssueComment', code, field: 'data', message }],
});

const ours = () => fixture.github.comments.filter(({ body }) => readMarker(body) !== undefined);

test('a rate limit is waited out', async () => {
  fixture.github.fail(/permission$/, 403, 'You have exceeded a secondary rate limit', 1, {
    'retry-after': '1',
  });
  const step = await startStep(fixture.dispatch());
  await step.waitForText('Retrying');
  fixture.orchestrator.updateJob((await fixture.job()).id, completed);
  expect((await step.ended).code).toBe(0);
});

test('a rate limit that lasts longer than the remaining time of the step is not waited out', async () => {
  const limit = { 'retry-after': '3000' };
  fixture.github.fail(/permission$/, 403, 'You have exceeded a secondary rate limit', 1, limit);
  expect(
    await (
      await startStep(fixture.dispatch({ inputs: { 'timeout-minutes': '40' } }))
    ).ended,
  ).toMatchObject({
    code: 1,
    outputs: { state: 'error', reason: 'fault' },
  });
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
    fixture.github.fail(/permission$/, status, body);
    const asked = fixture.github.addComment('/compute 10');
    const step = await startStep(mode === 'comment' ? fixture.comment(asked) : fixture.dispatch());
    await step.waitForText('Retrying');
    // The next attempt comes in a minute.
    step.kill('SIGKILL');
    await step.ended;
  });

  test('on the first reply and on the last edit is waited out', async () => {
    const soon = { 'retry-after': '1' };
    fixture.github.fail(/^POST .*issues.*comments$/, status, body, 1, soon);
    const asked = fixture.github.addComment('/compute 10');
    const step = await startStep(fixture.comment(asked));
    await waitUntil('the reply', () => ours().length > 0);
    fixture.github.fail(/^PATCH/, status, body, 1, soon);
    fixture.orchestrator.updateJob((await fixture.job()).id, completed);
    expect((await step.ended).code).toBe(0);
    expect(ours().map((one) => one.body)).toEqual([expect.stringContaining('completed')]);
    expect(fixture.github.reactionsTo(asked.id)).toContain('rocket');
  });
});

test.each([
  ['not permitted', 403, 'Resource not accessible by integration', false],
  ['abuse', 403, 'You have triggered an abuse detection mechanism.', true],
  ['invalid', 422, invalid('is invalid', 'invalid'), false],
  ['down', 502, 'Bad Gateway', true],
] as const)('a reaction is never worth a step: %s', async (_what, status, body, passes) => {
  fixture.github.fail(/reactions$/, status, body);
  const asked = fixture.github.addComment('/compute 10');
  const step = await startStep(fixture.comment(asked));
  await waitUntil('the reply', () => ours().length > 0);
  await step.waitForText('following job-');
  // What passes is waited for at the last reaction; the rest is left.
  if (passes) fixture.github.clearFaults();
  fixture.orchestrator.updateJob((await fixture.job()).id, completed);
  expect(await step.ended).toMatchObject({ code: 0, outputs: { state: 'completed' } });
  expect(ours().map((one) => one.body)).toEqual([expect.stringContaining('completed')]);
});

test.each(['dispatch', 'comment'] as const)('the last write is retried: %s', async (mode) => {
  const asked = fixture.github.addComment('/compute 10');
  const step = await startStep(
    mode === 'comment' ? fixture.comment(asked) : fixture.dispatch({ inputs: { 'reply-to': '1' } }),
  );
  await step.waitForText('queued');
  fixture.github.fail(/^PATCH/, 502, 'Bad Gateway', 1);
  fixture.orchestrator.updateJob((await fixture.job()).id, completed);
  expect((await step.ended).code).toBe(0);
  expect(ours().map(({ body }) => body)).toEqual([expect.stringContaining('completed')]);
});

test.each(['dispatch', 'comment'] as const)('a reply that was deleted is written anew: %s', async (mode) => {
  const asked = fixture.github.addComment('/compute 10');
  const step = await startStep(
    mode === 'comment' ? fixture.comment(asked) : fixture.dispatch({ inputs: { 'reply-to': '1' } }),
  );
  await step.waitForText('queued');
  const [first] = await waitUntil('the reply', () => (ours().length > 0 ? ours() : undefined));
  fixture.github.comments.splice(fixture.github.comments.indexOf(first as StoredComment), 1);
  fixture.orchestrator.updateJob((await fixture.job()).id, completed);
  expect((await step.ended).code).toBe(0);
  expect(ours().map(({ body }) => body)).toEqual([expect.stringContaining('completed')]);
});

test('a thread that is locked in the meantime does not stop a job', async () => {
  fixture.github.fail(/^POST .*issues.*comments$/, 403, 'Unable to create comment because issue is locked.');
  const step = await startStep(fixture.comment(fixture.github.addComment('/compute 10')));
  await step.waitForText('Could not write the reply');
  fixture.orchestrator.updateJob((await fixture.job()).id, completed);
  expect(await step.ended).toMatchObject({ code: 0, outputs: { state: 'completed' } });
});

test('a missing job does not stop the other jobs of the comment', async () => {
  const step = await startStep(fixture.comment(fixture.github.addComment('/compute 10\n/compute 20')));
  const [gone, other] = [await fixture.job(1), await fixture.job(2)];
  await step.waitForText(`following ${gone.id}`);
  await step.waitForText(`following ${other.id}`);
  const looks = (): number => fixture.orchestrator.gets.filter((id) => id === gone.id).length;
  fixture.orchestrator.jobs.delete(gone.id);
  const before = looks();
  await waitUntil('a look', () => looks() > before);
  fixture.orchestrator.updateJob(other.id, completed);
  const { code, said } = await step.ended;
  expect(code).toBe(1);
  expect(said).toContain(`The orchestrator does not know ${gone.id}`);
  expect(ours()[0]?.body).toContain('completed');
});
