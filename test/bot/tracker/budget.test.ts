import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { waitUntil } from '../../fixtures/wait-until.ts';
import { TrackerFixture } from '../../fixtures/tracker-fixture.ts';

let bench: TrackerFixture;
beforeEach(async () => {
  bench = await new TrackerFixture().open();
});
afterEach(() => bench.close());

const progress = (done: number) => ({ progress: { done, failed: 0, total: 10, workers: 1 } });

// The leases outlast a stall of a busy machine: a write whose lease has expired is charged, but not made.

test('when progress has used up its part, new replies and the end are written all the same', async () => {
  const first = bench.github.addComment('/compute 10');
  const id = bench.addOrphanedJob(first, { state: 'running' });
  // A bucket of 10: progress leaves 2 to what is more urgent, the repository 2 to others.
  bench.start({ edit: 1, hourly: 20, now: () => 0 });
  await bench.waitForReply(first, id);
  for (const done of [1, 2, 3, 4, 5]) {
    bench.orchestrator.updateJob(id, progress(done));
    await bench.waitForReply(first, `${done}/10`);
  }
  bench.orchestrator.updateJob(id, progress(6));
  await bench.waitForPolls(5);
  expect(bench.writes()).toHaveLength(6);
  bench.orchestrator.updateJob(id, { state: 'completed', ...progress(10) });
  await bench.waitForReaction(first, 'rocket');
  expect(bench.writes()).toHaveLength(7);
  expect(bench.writes().some(({ body }) => JSON.stringify(body).includes('6/10'))).toBe(false);
});

test('an empty budget delays the end, and loses nothing', async () => {
  const time = { now: 0 };
  const [first, second] = [bench.github.addComment('/compute 10'), bench.github.addComment('/compute 10')];
  const [one, two] = [bench.addOrphanedJob(first), bench.addOrphanedJob(second)];
  bench.start({ hourly: 4, now: () => time.now });
  // A bucket of 2: one reply of two, for the other would leave nothing to the end.
  const replied = await waitUntil('a reply', () =>
    [first, second].find(({ id }) => bench.github.repliesTo(id).length > 0),
  );
  bench.orchestrator.updateJob(replied === first ? one : two, { state: 'completed' });
  await bench.waitForReply(replied, 'completed');
  bench.orchestrator.updateJob(replied === first ? two : one, { state: 'completed' });
  await bench.waitForPolls(5);
  expect(bench.writes()).toHaveLength(2);
  expect(bench.github.reactions).toEqual([]);
  for (let hours = 1; hours <= 2; hours += 1) {
    time.now += 3_600_000;
    await bench.waitForPolls(10);
  }
  await Promise.all([first, second].map((comment) => bench.waitForReaction(comment, 'rocket')));
  expect(bench.writes()).toHaveLength(3);
});

test("GitHub's rate limit is heeded by all replies of the installation, and no end is lost", async () => {
  const time = { now: 0 };
  const comments = [1, 2, 3].map((issue) => bench.github.addComment('/compute 10', { issue }));
  const limit = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  bench.github.fail(/^POST .*\/comments$/, 403, limit, Infinity, { 'retry-after': '60' });
  const ids = comments.map((comment) => bench.addOrphanedJob(comment));
  const { metrics } = bench.start({ now: () => time.now });
  const held = async () =>
    (await metrics.writes.get()).values.find(({ labels }) => labels.outcome === 'held');
  while ((await held())?.value !== 3) await bench.waitForPolls(1);
  bench.github.clearFaults();
  const asked = bench.github.calls.length;
  for (const id of ids) bench.orchestrator.updateJob(id, { state: 'completed' });
  await bench.waitForPolls(5);
  expect(bench.github.calls).toHaveLength(asked);
  time.now += 70_000;
  await Promise.all(comments.map((comment) => bench.waitForReaction(comment, 'rocket')));
  expect(comments.map(({ id }) => bench.github.repliesTo(id).length)).toEqual([1, 1, 1]);
});
