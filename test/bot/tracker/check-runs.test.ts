import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { waitUntil } from '../../fixtures/wait-until.ts';
import { TrackerFixture } from '../../fixtures/tracker-fixture.ts';

let bench: TrackerFixture;
beforeEach(async () => {
  bench = await new TrackerFixture().open();
});
afterEach(() => bench.close());

const commit = 'c0ffee'.padEnd(40, '0');
const notes = { notes: { check: commit } };
const shown = () => bench.checks.map(({ title, conclusion }) => [title, conclusion]);

test('a check run goes with the states of its job, not with its progress', async () => {
  const comment = bench.github.addComment('/compute 10');
  const id = bench.addOrphanedJob(comment, {}, notes);
  bench.start({ edit: 1 });
  // The reply tells of each state first.
  await waitUntil('its check run', () => bench.checks.length === 1);
  bench.orchestrator.updateJob(id, { state: 'running' });
  await waitUntil('its check run', () => bench.checks.length === 2);
  await bench.waitForReply(comment, 'is running');
  bench.orchestrator.updateJob(id, { progress: { done: 5, failed: 0, total: 10, workers: 1 } });
  await bench.waitForReply(comment, '5/10');
  bench.orchestrator.updateJob(id, { state: 'failed', reason: 'all-blocks-failed' });
  await bench.waitForReaction(comment, 'confused');
  await bench.waitForPolls(2);
  expect(shown()).toEqual([
    ['queued', null],
    ['running', null],
    ['failed: all blocks failed', 'failure'],
  ]);
  expect(bench.checks.map((check) => [check.name, check.commit, check.externalId])).toContainEqual([
    'coxswain: compute',
    commit,
    id,
  ]);
});

test('a check run that is not permitted does not block other writes', async () => {
  const comment = bench.github.addComment('/compute 10');
  bench.failChecks(Object.assign(new Error('Resource not accessible by integration'), { status: 403 }));
  const id = bench.addOrphanedJob(comment, { state: 'running' }, notes);
  bench.start();
  await bench.waitForReply(comment, id);
  bench.orchestrator.updateJob(id, { state: 'completed' });
  await bench.waitForReaction(comment, 'rocket');
  await bench.waitForPolls(2);
  expect(bench.audited.map(({ outcome }) => outcome)).toEqual(['check-refused']);
});

test('a check run that fails is made good', async () => {
  const comment = bench.github.addComment('/compute 10');
  bench.failChecks(new Error('GitHub is down'), 1);
  bench.addOrphanedJob(comment, { state: 'completed', endedAt: new Date().toISOString() }, notes);
  bench.start();
  await bench.waitForLog('could not update a reply');
  await waitUntil('the check run', () => bench.checks.length > 0);
  expect(shown()).toEqual([['completed', 'success']]);
  expect(bench.writes()).toHaveLength(1);
});
