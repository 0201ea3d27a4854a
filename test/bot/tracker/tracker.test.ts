import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Job } from '../../../compute/client/index.ts';
import { TestBench, until } from '../stand-ins/bench.ts';
import { bot as ourBot, type StoredComment } from '../stand-ins/github.ts';

const ago = (milliseconds: number): string => new Date(Date.now() - milliseconds).toISOString();
const day = 86_400_000;

const originOf = (comment: StoredComment, more: object = {}): Job['origin'] => ({
  host: '127.0.0.1',
  repository: { id: 501, name: 'acme/ops' },
  thread: { number: comment.issue, kind: 'issue' },
  comment: { id: comment.id, createdAt: comment.created_at },
  sender: 'mona',
  installation: 3,
  command: '/compute 10',
  ...more,
});

let count = 0;
const newId = (): string => `job-${String((count += 1)).padStart(32, '0')}`;

describe('the tracker', () => {
  let bench: TestBench;
  beforeEach(async () => {
    bench = await new TestBench().open();
  });
  afterEach(() => bench.close());

  /** A job that somebody else started: an earlier bot that is gone. */
  const orphan = (comment: StoredComment, job: Partial<Job> = {}, origin: object = {}): string => {
    const id = newId();
    bench.orchestrator.add({ id, createdAt: ago(60_000), origin: originOf(comment, origin), ...job });
    return id;
  };
  const looks = (n: number) => {
    const before = bench.orchestrator.lists.length;
    return until('more looks', () => bench.orchestrator.lists.length >= before + n);
  };
  const replyWrites = () =>
    bench.github.calls.filter(
      ({ method, path }) => method === 'PATCH' || (method === 'POST' && path.endsWith('/comments')),
    );

  test('a bot killed between start and reply: the next one writes the one reply and keeps it up', async () => {
    const comment = bench.github.comment('/compute 10');
    const id = orphan(comment);
    await bench.start();
    const reply = await bench.reply(comment, id);
    bench.orchestrator.move(id, {
      state: 'running',
      progress: { done: 7, failed: 0, total: 10, workers: 1 },
    });
    await bench.reply(comment, '7/10');
    await bench.stop();
    await bench.start();
    bench.orchestrator.move(id, { state: 'failed', reason: 'all-blocks-failed' });
    await bench.reaction(comment, 'confused');
    expect(bench.github.repliesTo(comment.id)).toEqual([reply]);
  });

  test('what ended while no bot ran is told at the next start, and then left alone', async () => {
    const comment = bench.github.comment('/compute 10');
    const id = orphan(comment, { state: 'completed', endedAt: ago(3 * day), createdAt: ago(4 * day) });
    const old = bench.github.comment('/compute 10');
    orphan(old, { state: 'completed', endedAt: ago(8 * day), createdAt: ago(9 * day) });
    await bench.start();
    await bench.reply(comment, id);
    await bench.reaction(comment, 'rocket');
    expect(bench.github.repliesTo(old.id)).toEqual([]);
    const writes = replyWrites().length;
    await bench.stop();
    await bench.start();
    await looks(4);
    expect(replyWrites()).toHaveLength(writes);
  });

  test('a reaction that was lost after the last edit is made good', async () => {
    const comment = bench.github.comment('/compute 10');
    orphan(comment, { state: 'completed', endedAt: ago(60_000) });
    await bench.start();
    await bench.reaction(comment, 'rocket');
    await bench.stop();
    bench.github.reactions.length = 0;
    await bench.start();
    await bench.reaction(comment, 'rocket');
    expect(replyWrites()).toHaveLength(1);
  });

  test('two jobs of one comment share a reply, which ends when both have', async () => {
    const comment = bench.github.comment('/compute 10\n/compute 20');
    const first = orphan(comment);
    const second = orphan(comment);
    await bench.start();
    const { body: running } = await bench.reply(comment, first);
    bench.orchestrator.move(first, { state: 'completed' });
    await until('the first end', () => bench.github.repliesTo(comment.id)[0]?.body !== running);
    expect(bench.github.reactionsTo(comment.id)).toEqual([]);
    bench.orchestrator.move(second, { state: 'canceled', reason: 'canceled-by-user', endedBy: 'mona' });
    await bench.reaction(comment, 'confused');
    expect(bench.github.repliesTo(comment.id)).toHaveLength(1);
  });

  test('a pasted marker is not ours', async () => {
    const comment = bench.github.comment('/compute 10');
    const id = orphan(comment);
    const pasted = bench.github.comment(
      `<!-- coxswain {"v":1,"comment":${comment.id},"jobs":["${id}"],"state":"00000000"} -->`,
      { user: { id: 66, login: 'mallory', type: 'User' } },
    );
    const { body } = pasted;
    await bench.start();
    const reply = await bench.reply(comment, id);
    expect(reply.user).toEqual(ourBot);
    expect(pasted.body).toBe(body);
  });

  test('jobs that are not ours are left alone', async () => {
    const comment = bench.github.comment('/compute 10');
    orphan(comment, {}, { host: 'github.com' });
    orphan(comment, {}, { installation: undefined });
    orphan(comment, { origin: {} });
    await bench.start();
    await looks(6);
    expect(bench.github.calls.filter(({ path }) => path.startsWith('/repos'))).toEqual([]);
  });

  test('a repository whose name means another one now gets nothing', async () => {
    const comment = bench.github.comment('/compute 10');
    orphan(comment, {}, { repository: { id: 999, name: 'acme/ops' } });
    await bench.start();
    await until('the refusal', () =>
      bench.logged.some(({ msg }) => msg.startsWith('a thread takes no more')),
    );
    expect(bench.github.repliesTo(comment.id)).toEqual([]);
  });

  test('what shows the same is not edited, whatever else changes', async () => {
    const comment = bench.github.comment('/compute 10');
    const id = orphan(comment, { state: 'running' });
    await bench.start();
    await bench.reply(comment, id);
    const links = { result: { path: 'result/x', url: 'http://127.0.0.1/r?sig=1' } };
    for (let n = 0; n < 3; n += 1) {
      bench.orchestrator.move(id, {
        links: { result: { ...links.result, url: `http://127.0.0.1/r?sig=${n}` } },
      });
      await looks(1);
    }
    bench.orchestrator.move(id, { state: 'completed', links });
    await bench.reaction(comment, 'rocket');
    expect(replyWrites().map(({ method }) => method)).toEqual(['POST', 'PATCH']);
  });

  test('edits of one reply keep their distance, and the last state comes through', async () => {
    const comment = bench.github.comment('/compute 10');
    const id = orphan(comment, { state: 'running' });
    await bench.start({ EDIT_SECONDS: '0.6' });
    await bench.reply(comment, id);
    for (let done = 1; done <= 9; done += 1) {
      bench.orchestrator.move(id, { progress: { done, failed: 0, total: 10, workers: 1 } });
      await looks(1);
    }
    bench.orchestrator.move(id, {
      state: 'completed',
      progress: { done: 10, failed: 0, total: 10, workers: 0 },
    });
    await bench.reaction(comment, 'rocket');
    const times = replyWrites().map(({ at }) => at);
    const gaps = times.slice(1).map((at, n) => at - (times[n] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(599);
  });

  test('a thread that fails does not stop the others, and comes through in the end', async () => {
    const ill = bench.github.comment('/compute 10', { issue: 2 });
    const well = bench.github.comment('/compute 10', { issue: 3 });
    bench.github.fail(/^GET .*\/issues\/2\/comments$/, 403, 'Resource not accessible by integration');
    orphan(ill);
    orphan(well);
    await bench.start();
    await bench.reply(well);
    await until('the fault', () =>
      bench.logged.some(({ msg }) => msg.startsWith('a reply could not be brought')),
    );
    bench.github.heal();
    await bench.reply(ill);
  });

  test('an orchestrator that is down is told once, and its return too', async () => {
    bench.orchestrator.fault = 503;
    await bench.start();
    const lines = (start: string) => bench.logged.filter(({ msg }) => msg.startsWith(start)).length;
    await until('the fault', () => lines('the orchestrator does not answer') > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    bench.orchestrator.fault = undefined;
    const comment = bench.github.comment('/compute 10');
    const id = orphan(comment);
    await bench.reply(comment, id);
    expect([lines('the orchestrator does not answer'), lines('the orchestrator answers')]).toEqual([1, 1]);
  });
});
