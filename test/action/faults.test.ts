import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readMarker } from '../../chatops/reply/index.ts';
import type { StoredComment } from '../bot/stand-ins/github.ts';
import { until } from '../bot/stand-ins/until.ts';
import { completed, Play } from './stage/play.ts';
import { startStep } from './stage/step.ts';

/* Faults of GitHub that pass, or on which only a part of the step's work depends. */

let play: Play;
beforeEach(async () => {
  play = await new Play().open();
});
afterEach(() => play.close());

const ours = () => play.github.comments.filter(({ body }) => readMarker(body) !== undefined);

test('a rate limit is waited for', async () => {
  play.github.fail(/permission$/, 403, 'You have exceeded a secondary rate limit', 1, { 'retry-after': '1' });
  const step = await startStep(play.dispatch());
  await step.says('It is tried again');
  play.orchestrator.move((await play.job()).id, completed);
  expect((await step.ended).code).toBe(0);
});

test('one that lasts too long is not', async () => {
  const limit = { 'retry-after': '3000' };
  play.github.fail(/permission$/, 403, 'You have exceeded a secondary rate limit', 1, limit);
  expect(await (await startStep(play.dispatch())).ended).toMatchObject({
    code: 1,
    outputs: { state: 'error', reason: 'fault' },
  });
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
