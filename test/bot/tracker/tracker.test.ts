import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bot as ourBot } from '../../fakes/fake-github.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';
import { ago, TrackerFixture } from '../../fixtures/tracker-fixture.ts';

const day = 86_400_000;

describe('the tracker', () => {
  let bench: TrackerFixture;
  beforeEach(async () => {
    bench = await new TrackerFixture().open();
  });
  afterEach(() => bench.close());

  test('a bot killed between start and reply: the next one writes the one reply and updates it', async () => {
    const comment = bench.github.addComment('/compute 10');
    const id = bench.addOrphanedJob(comment);
    const first = bench.start();
    const reply = await bench.waitForReply(comment, id);
    bench.orchestrator.updateJob(id, {
      state: 'running',
      progress: { done: 7, failed: 0, total: 10, workers: 1 },
    });
    await bench.waitForReply(comment, '7/10');
    await first.stop();
    bench.start();
    bench.orchestrator.updateJob(id, { state: 'failed', reason: 'all-blocks-failed' });
    await bench.waitForReaction(comment, 'confused');
    expect(bench.github.repliesTo(comment.id)).toEqual([reply]);
  });

  test('jobs that ended while no bot ran are reported at the next start, and then not written again', async () => {
    const comment = bench.github.addComment('/compute 10');
    const id = bench.addOrphanedJob(comment, {
      state: 'completed',
      endedAt: ago(3 * day),
      createdAt: ago(4 * day),
    });
    const old = bench.github.addComment('/compute 10');
    bench.addOrphanedJob(old, { state: 'completed', endedAt: ago(8 * day), createdAt: ago(9 * day) });
    const first = bench.start();
    await bench.waitForReply(comment, id);
    await bench.waitForReaction(comment, 'rocket');
    expect(bench.github.repliesTo(old.id)).toEqual([]);
    const writes = bench.writes().length;
    await first.stop();
    bench.start();
    await bench.waitForPolls(4);
    expect(bench.writes()).toHaveLength(writes);
  });

  test('a reaction that was lost after the last edit is made good', async () => {
    const comment = bench.github.addComment('/compute 10');
    bench.addOrphanedJob(comment, { state: 'completed', endedAt: ago(60_000) });
    const first = bench.start();
    await bench.waitForReaction(comment, 'rocket');
    await first.stop();
    bench.github.reactions.length = 0;
    bench.start();
    await bench.waitForReaction(comment, 'rocket');
    expect(bench.writes()).toHaveLength(1);
  });

  test('two jobs of one comment share a reply, which ends when both have', async () => {
    const comment = bench.github.addComment('/compute 10\n/compute 20');
    const first = bench.addOrphanedJob(comment);
    const second = bench.addOrphanedJob(comment);
    bench.start();
    const { body: running } = await bench.waitForReply(comment, first);
    bench.orchestrator.updateJob(first, { state: 'completed' });
    await waitUntil('the first end', () => bench.github.repliesTo(comment.id)[0]?.body !== running);
    expect(bench.github.reactionsTo(comment.id)).toEqual([]);
    bench.orchestrator.updateJob(second, { state: 'canceled', reason: 'canceled-by-user', endedBy: 'mona' });
    await bench.waitForReaction(comment, 'confused');
    expect(bench.github.repliesTo(comment.id)).toHaveLength(1);
  });

  test('a pasted marker is not ours', async () => {
    const comment = bench.github.addComment('/compute 10');
    const id = bench.addOrphanedJob(comment);
    const pasted = bench.github.addComment(
      `<!-- coxswain {"v":1,"comment":${comment.id},"jobs":["${id}"],"state":"00000000"} -->`,
      { user: { id: 66, login: 'mallory', type: 'User' } },
    );
    const { body } = pasted;
    bench.start();
    const reply = await bench.waitForReply(comment, id);
    expect(reply.user).toEqual(ourBot);
    expect(pasted.body).toBe(body);
  });

  test('jobs that are not ours are left alone', async () => {
    const comment = bench.github.addComment('/compute 10');
    bench.addOrphanedJob(comment, {}, { host: 'github.com' });
    bench.addOrphanedJob(comment, {}, { installation: undefined });
    bench.addOrphanedJob(comment, { origin: {} });
    bench.addOrphanedJob(comment, {}, { comment: { id: comment.id, createdAt: 'never' } });
    bench.start();
    await bench.waitForPolls(6);
    expect(bench.github.calls.filter(({ path }) => path.startsWith('/repos'))).toEqual([]);
  });

  test('a repository whose name means another one now gets nothing', async () => {
    const comment = bench.github.addComment('/compute 10');
    bench.addOrphanedJob(comment, {}, { repository: { id: 999, name: 'acme/ops' } });
    bench.start();
    const [entry] = await waitUntil('the refusal', () => bench.audited.length > 0 && bench.audited);
    expect(entry).toMatchObject({ outcome: 'reply-refused', what: '/compute 10' });
    expect(bench.github.repliesTo(comment.id)).toEqual([]);
  });

  test.each([
    ['a person', 'mona', {}, { kind: 'person' }],
    ['a bot', 'hubot[bot]', {}, { kind: 'bot' }],
    ['an app for a person', 'mona', { app: 'relay' }, { kind: 'person-via-app', app: 'relay' }],
  ])('a refused reply to %s is in the audit with who asked', async (_what, sender, more, kind) => {
    const comment = bench.github.addComment('/compute 10');
    const repository = { id: 999, name: 'acme/ops' };
    bench.addOrphanedJob(comment, {}, { repository, sender, notes: { requester: 11, ...more } });
    bench.start();
    const [entry] = await waitUntil('the refusal', () => bench.audited.length > 0 && bench.audited);
    expect(entry?.who).toEqual({ id: 11, login: sender, ...kind });
  });

  test('what shows the same is not edited, whatever else changes', async () => {
    const comment = bench.github.addComment('/compute 10');
    const id = bench.addOrphanedJob(comment, { state: 'running' });
    bench.start();
    await bench.waitForReply(comment, id);
    const links = { result: { path: 'result/x', url: 'http://127.0.0.1/r?sig=1' } };
    for (let n = 0; n < 3; n += 1) {
      bench.orchestrator.updateJob(id, {
        links: { result: { ...links.result, url: `http://127.0.0.1/r?sig=${n}` } },
      });
      await bench.waitForPolls(1);
    }
    bench.orchestrator.updateJob(id, { state: 'completed', links });
    await bench.waitForReaction(comment, 'rocket');
    expect(bench.writes().map(({ method }) => method)).toEqual(['POST', 'PATCH']);
  });

  test('progress is throttled; a new state is not, nor is the end', async () => {
    const comment = bench.github.addComment('/compute 10');
    const id = bench.addOrphanedJob(comment);
    bench.start({ edit: 3_600_000 });
    await bench.waitForReply(comment, id);
    bench.orchestrator.updateJob(id, { state: 'running' });
    await bench.waitForReply(comment, 'is running');
    for (let done = 1; done <= 9; done += 1) {
      bench.orchestrator.updateJob(id, { progress: { done, failed: 0, total: 10, workers: 1 } });
      await bench.waitForPolls(1);
    }
    bench.orchestrator.updateJob(id, { state: 'completed' });
    await bench.waitForReaction(comment, 'rocket');
    expect(bench.writes().map(({ method }) => method)).toEqual(['POST', 'PATCH', 'PATCH']);
  });

  test('a thread that fails does not block the others, and is written in the end', async () => {
    const ill = bench.github.addComment('/compute 10', { issue: 2 });
    const well = bench.github.addComment('/compute 10', { issue: 3 });
    bench.github.fail(/^GET .*\/issues\/2\/comments$/, 500, 'Server Error');
    bench.addOrphanedJob(ill);
    bench.addOrphanedJob(well);
    bench.start();
    await bench.waitForReply(well);
    await bench.waitForLog('could not update a reply');
    bench.github.clearFaults();
    await bench.waitForReply(ill);
  });

  test('what the app may not do is audited once, and tried again', async () => {
    const comment = bench.github.addComment('/compute 10');
    bench.github.fail(/^POST .*\/comments$/, 403, 'Resource not accessible by integration', 1);
    const id = bench.addOrphanedJob(comment);
    bench.start();
    await bench.waitForReply(comment, id);
    expect(bench.audited.map(({ outcome, job }) => [outcome, job])).toEqual([['reply-not-permitted', id]]);
  });

  test('an outage of the orchestrator is logged once, and so is its end', async () => {
    const { leader } = bench.start({ lease: 1 });
    await waitUntil('a leader', () => leader.isLeading);
    bench.orchestrator.fault = 503;
    await bench.waitForLog('the orchestrator does not answer');
    await waitUntil('no leader', () => !leader.isLeading);
    bench.orchestrator.fault = undefined;
    const comment = bench.github.addComment('/compute 10');
    const id = bench.addOrphanedJob(comment);
    await bench.waitForReply(comment, id);
    const lines = (start: string) => bench.logged.filter(({ msg }) => msg.startsWith(start)).length;
    expect([lines('the orchestrator does not answer'), lines('the orchestrator answers')]).toEqual([1, 1]);
  });
});
