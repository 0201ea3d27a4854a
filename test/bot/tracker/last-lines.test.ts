import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TrackerFixture } from '../../fixtures/tracker-fixture.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

let bench: TrackerFixture;
beforeEach(async () => {
  bench = await new TrackerFixture().open();
});
afterEach(() => bench.close());

const running = () => ({
  kind: 'task' as const,
  state: 'running' as const,
  progress: null,
  startedAt: new Date().toISOString(),
});

test('a reply shows the last lines of a running task, until its end', async () => {
  const comment = bench.github.addComment('/run Hello');
  const id = bench.addOrphanedJob(comment, running());
  bench.orchestrator.lastLines.set(id, 'one');
  bench.start();
  await bench.waitForReply(comment, 'Last lines of the log:\n\n```text\none\n```');
  bench.orchestrator.lastLines.set(id, 'one\ntwo');
  await bench.waitForReply(comment, 'one\ntwo\n```');
  bench.orchestrator.updateJob(id, { state: 'completed' });
  await bench.waitForReaction(comment, 'rocket');
  const [reply] = bench.github.repliesTo(comment.id);
  expect(reply?.body).not.toContain('Last lines');
});

test('a log that does not grow costs no edit, also after a restart of the bot', async () => {
  const comment = bench.github.addComment('/run Hello');
  const id = bench.addOrphanedJob(comment, running());
  bench.orchestrator.lastLines.set(id, 'one');
  const first = bench.start();
  await bench.waitForReply(comment, 'one');
  const reads = bench.orchestrator.gets.length;
  await waitUntil('more reads', () => bench.orchestrator.gets.length >= reads + 3);
  await first.stop();
  const later = bench.orchestrator.gets.length;
  bench.start();
  await waitUntil('reads by the next bot', () => bench.orchestrator.gets.length >= later + 3);
  expect(bench.writes()).toHaveLength(1);
});

test('a log that grows all the time is read and shown at the pace of edits', async () => {
  const comment = bench.github.addComment('/run Hello');
  const id = bench.addOrphanedJob(comment, running());
  bench.orchestrator.lastLines.set(id, 'line 0');
  bench.start({ edit: 3_600_000 });
  await bench.waitForReply(comment, 'line 0');
  for (let n = 1; n <= 5; n += 1) {
    bench.orchestrator.lastLines.set(id, `line ${n}`);
    await bench.waitForPolls(1);
  }
  expect(bench.orchestrator.gets).toHaveLength(1);
  expect(bench.writes()).toHaveLength(1);
});

test('an orchestrator without last lines, of an older version, costs no edit', async () => {
  const comment = bench.github.addComment('/run Hello');
  const id = bench.addOrphanedJob(comment, running());
  bench.start();
  await bench.waitForReply(comment, 'is running');
  await waitUntil('more reads', () => bench.orchestrator.gets.length >= 3);
  bench.orchestrator.updateJob(id, { state: 'completed' });
  await bench.waitForReaction(comment, 'rocket');
  expect(bench.writes().map(({ method }) => method)).toEqual(['POST', 'PATCH']);
});
