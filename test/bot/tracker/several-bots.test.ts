import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { refreshReply } from '../../../chatops/reply/render-reply.ts';
import type { Job } from '../../../compute/client/index.ts';
import { bot as ourBot } from '../../fakes/fake-github.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';
import { TrackerFixture, type TestBot } from '../../fixtures/tracker-fixture.ts';

let bench: TrackerFixture;
beforeEach(async () => {
  bench = await new TrackerFixture().open();
});
afterEach(() => bench.close());

const leading = (bots: TestBot[]): Promise<TestBot> =>
  waitUntil('a leader', () => bots.find(({ leader }) => leader.isLeading));

test('of two bots one writes; when it vanishes, the other takes over: one reply, no edit twice', async () => {
  const comment = bench.github.addComment('/compute 10');
  const id = bench.addOrphanedJob(comment, { state: 'running' });
  const bots = [bench.start(), bench.start()];
  await bench.waitForReply(comment, id);
  for (const done of [3, 6]) {
    bench.orchestrator.updateJob(id, { progress: { done, failed: 0, total: 10, workers: 1 } });
    await bench.waitForReply(comment, `${done}/10`);
  }
  const first = await leading(bots);
  await first.crash();
  bench.expireLeases();
  bench.orchestrator.updateJob(id, { state: 'completed' });
  await bench.waitForReaction(comment, 'rocket');
  await bench.waitForPolls(3);
  const bodies = bench.writes().map(({ body }) => JSON.stringify(body));
  expect(new Set(bodies).size).toBe(bodies.length);
  expect(bench.github.repliesTo(comment.id)).toHaveLength(1);
});

test('a leader that stops is replaced at once, and what it followed goes on', async () => {
  const comment = bench.github.addComment('/compute 10');
  const id = bench.addOrphanedJob(comment, { state: 'running' });
  const bots = [bench.start(), bench.start()];
  await bench.waitForReply(comment, id);
  const first = await leading(bots);
  await first.stop();
  bench.orchestrator.updateJob(id, { state: 'completed' });
  await bench.waitForReaction(comment, 'rocket');
  expect(bench.writes().map(({ method }) => method)).toEqual(['POST', 'PATCH']);
});

test('a reply that another bot is writing is waited for, found, and not created again', async () => {
  const comment = bench.github.addComment('/compute 10');
  const id = bench.addOrphanedJob(comment);
  const name = `reply/127.0.0.1/501/${comment.id}`;
  bench.orchestrator.leases.set(name, { holder: 'another', until: Infinity });
  bench.start();
  await bench.waitForPolls(5);
  expect(bench.writes()).toEqual([]);
  const job = bench.orchestrator.jobs.get(id) as Job;
  const { body } = refreshReply(undefined, { comment: comment.id, jobs: [job], isPublic: false });
  bench.github.addComment(body, { user: ourBot });
  bench.orchestrator.leases.delete(name);
  bench.orchestrator.updateJob(id, { state: 'completed' });
  await bench.waitForReaction(comment, 'rocket');
  expect(bench.writes().map(({ method }) => method)).toEqual(['PATCH']);
});

test('a bot that is not the leader requests no jobs, and writes nothing', async () => {
  bench.orchestrator.leases.set('tracker/77', { holder: 'another', until: Infinity });
  const comment = bench.github.addComment('/compute 10');
  bench.addOrphanedJob(comment);
  const { tracker } = bench.start();
  tracker.wake();
  tracker.takeOver(comment.id);
  await waitUntil('an attempt to lead', () => bench.orchestrator.leaseCalls > 3);
  expect(bench.orchestrator.lists).toEqual([]);
  expect(bench.github.calls).toEqual([]);
});
