import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readMarker } from '../../../chatops/reply/render-reply.ts';
import type { Job } from '../../../compute/client/index.ts';
import { bot as ourBot, type StoredComment } from '../../fakes/fake-github.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';
import { ago, TrackerFixture } from '../../fixtures/tracker-fixture.ts';

let bench: TrackerFixture;
beforeEach(async () => {
  bench = await new TrackerFixture().open();
});
afterEach(() => bench.close());

const notify = { notes: { notify: 'always' } };
const end = { state: 'completed', endedAt: ago(30_000) } as const satisfies Partial<Job>;

const noticesOf = (job: string): StoredComment[] =>
  bench.github.comments.filter(({ user, body }) => user.id === ourBot.id && readMarker(body)?.notice === job);

test('the end is announced in one new comment, before the reply shows it', async () => {
  const comment = bench.github.addComment('/compute 10');
  const id = bench.addOrphanedJob(comment, { state: 'running' }, notify);
  bench.start();
  await bench.waitForReply(comment, id);
  expect(noticesOf(id)).toEqual([]);
  bench.orchestrator.updateJob(id, { state: 'completed' });
  await bench.waitForReaction(comment, 'rocket');
  expect(noticesOf(id).map(({ body }) => body.startsWith('@mona: '))).toEqual([true]);
  expect(bench.writes().map(({ method }) => method)).toEqual(['POST', 'POST', 'PATCH']);
});

test('a bot that takes over after the notice was posted does not post it twice', async () => {
  const comment = bench.github.addComment('/compute 10');
  const id = bench.addOrphanedJob(comment, { state: 'running' }, notify);
  const first = bench.start();
  await bench.waitForReply(comment, id);
  bench.github.fail(/^PATCH /, 502, 'Bad Gateway');
  bench.orchestrator.updateJob(id, { state: 'completed' });
  await waitUntil('the notice', () => noticesOf(id).length > 0);
  await first.crash();
  bench.expireLeases();
  bench.github.clearFaults();
  bench.start();
  await bench.waitForReaction(comment, 'rocket');
  expect(noticesOf(id)).toHaveLength(1);
  expect(bench.github.repliesTo(comment.id)).toHaveLength(1);
});

test('an end that the webhook has already shown also gets a notice', async () => {
  const comment = bench.github.addComment('/compute 10');
  const id = bench.addOrphanedJob(comment, end);
  const first = bench.start();
  await bench.waitForReaction(comment, 'rocket');
  await first.stop();
  const job = bench.orchestrator.jobs.get(id) as Job;
  bench.orchestrator.jobs.set(id, { ...job, origin: { ...job.origin, ...notify } });
  bench.start();
  await waitUntil('the notice', () => noticesOf(id).length > 0);
  expect(bench.github.repliesTo(comment.id)).toHaveLength(1);
});

test('a thread that accepts no new comment still gets its reply edited, and the audit records the refusal', async () => {
  const comment = bench.github.addComment('/compute 10');
  const id = bench.addOrphanedJob(comment, { state: 'running' }, notify);
  bench.start();
  await bench.waitForReply(comment, id);
  const full = 'Commenting is disabled on issues with more than 2500 comments';
  bench.github.fail(/^POST .*\/issues\/1\/comments$/, 403, full);
  bench.orchestrator.updateJob(id, { state: 'completed' });
  await bench.waitForReaction(comment, 'rocket');
  expect(bench.audited.map(({ outcome, job }) => [outcome, job])).toEqual([['notice-refused', id]]);
});

test('there is no notice if the policy says never', async () => {
  const comment = bench.github.addComment('/compute 10');
  const id = bench.addOrphanedJob(comment, end, { notes: { notify: 'never' } });
  bench.start();
  await bench.waitForReaction(comment, 'rocket');
  expect(noticesOf(id)).toEqual([]);
});
