import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Job } from '../../../compute/client/index.ts';
import { repository, type StoredComment } from '../../fakes/fake-github.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';
import { ago, TrackerFixture } from '../../fixtures/tracker-fixture.ts';

/* Anybody who may start jobs can say in an origin whose command a job is. */

let bench: TrackerFixture;
beforeEach(async () => {
  bench = await new TrackerFixture().open();
});
afterEach(() => bench.close());

const greeter = { kind: 'key', name: 'greeter', entry: false, you: false } as const;
const notes = { requester: 1, notify: 'always', check: 'c0ffee'.padEnd(40, '0') };
const ended = { state: 'completed', endedAt: ago(1_000) } as const;

const forged = (comment: StoredComment, more: Partial<Job> = {}, origin: object = {}): string =>
  bench.addOrphanedJob(comment, { startedBy: greeter, ...ended, ...more }, { notes, ...origin });

/** All that was written: comments, edits, reactions, check runs. */
const written = () => [
  ...bench.github.calls.filter(({ method }) => method !== 'GET').map(({ path }) => path),
  ...bench.checks,
];

test('no reply, reaction, notice or check run is for a job that only says it is a comment’s', async () => {
  const comment = bench.github.addComment('/run Deploy place=production');
  const other = bench.github.addComment('Thanks!', { issue: 2 });
  forged(comment);
  forged(comment, { state: 'running', endedAt: null });
  forged(other, { state: 'failed', reason: 'script-failed' });
  forged(comment, {
    startedBy: { ...greeter, kind: 'workflow', name: 'acme/ops/.github/workflows/a.yml@refs/heads/main' },
  });
  forged(comment, { startedBy: { ...greeter, kind: 'application' } });
  const marker = bench.github.addComment('/compute 10', { issue: 3 });
  const own = bench.addOrphanedJob(marker, ended);
  bench.start();
  await bench.waitForReaction(marker, 'rocket');
  await bench.waitForPolls(3);
  const replies = bench.github.comments.filter(({ body }) => body.includes('<!-- coxswain'));
  expect(replies).toEqual([expect.objectContaining({ body: expect.stringContaining(own) })]);
  expect([bench.github.reactionsTo(comment.id), bench.github.reactionsTo(other.id)]).toEqual([[], []]);
  expect(written()).toHaveLength(2);
});

test('a command’s reply shows only its own job, whatever other jobs claim to be the command’s', async () => {
  const comment = bench.github.addComment('/compute 10');
  const own = bench.addOrphanedJob(comment, { state: 'running' });
  const others = [ended, { ...ended, state: 'failed', reason: 'internal' } as const].map((more) =>
    forged(comment, more, { command: '/compute 10' }),
  );
  bench.start();
  await bench.waitForReply(comment, 'is running');
  forged(comment, { state: 'running', endedAt: null });
  await bench.waitForPolls(3);
  bench.orchestrator.updateJob(own, { state: 'completed' });
  const reply = await bench.waitForReply(comment, 'completed');
  await bench.waitForReaction(comment, 'rocket');
  for (const id of others) expect(reply.body).not.toContain(id);
  expect(bench.github.reactionsTo(comment.id)).toEqual(['rocket']);
  expect([bench.checks, bench.github.repliesTo(comment.id)]).toEqual([[], [reply]]);
});

test.each<[who: string, startedBy: Job['startedBy']]>([
  ['an entry', { ...greeter, entry: true }],
  ['the bot’s own key', { ...greeter, you: true }],
  ['an older version', null],
])('a job of %s has its reply', async (_who, startedBy) => {
  const comment = bench.github.addComment('/compute 10');
  forged(comment, { startedBy });
  bench.start();
  await bench.waitForReply(comment, 'completed');
  await bench.waitForReaction(comment, 'rocket');
  await waitUntil('the check run', () => bench.checks.length > 0);
  expect(bench.checks).toMatchObject([{ conclusion: 'success' }]);
});

test('an entry of another repository writes nothing here by calling its own by this name', async () => {
  const comment = bench.github.addComment('/compute 10');
  const origin = { repository: { id: repository.id + 1, name: repository.full_name } };
  bench.addOrphanedJob(comment, { startedBy: { ...greeter, entry: true }, ...ended }, { notes, ...origin });
  const marker = bench.github.addComment('/compute 10', { issue: 3 });
  bench.addOrphanedJob(marker, ended);
  bench.start();
  await bench.waitForReaction(marker, 'rocket');
  await bench.waitForPolls(3);
  expect(bench.github.repliesTo(comment.id)).toEqual([]);
  expect(bench.github.reactionsTo(comment.id)).toEqual([]);
  expect(bench.checks).toEqual([]);
});

test.each(['127.0.0.1:3000', 'github.com', '127.0.0.1.', undefined])(
  'a job of an entry on the host %s is not on ours',
  async (host) => {
    forged(bench.github.addComment('/compute 10'), { startedBy: { ...greeter, entry: true } }, { host });
    bench.start();
    await bench.waitForPolls(3);
    expect(written()).toEqual([]);
  },
);
