import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMarker } from '../../chatops/reply/render-reply.ts';
import type { Comment } from '../../cli/thread/github-client.ts';
import { startTestPlatform, waitUntil, type LocalPlatform } from '../fixtures/local-platform.ts';
import { restoreDataFolder, shiftClock, type OldDataFolder } from '../fixtures/older/data-folder.ts';
import { createThreadClient, type ThreadClient } from '../fixtures/thread-client.ts';

/* A local platform continues on the data folder of an older version, which was killed in the middle of its work. */

let platform: LocalPlatform;
let thread: ThreadClient;
let recorded: OldDataFolder;
const clockFolder = mkdtempSync(join(tmpdir(), 'coxswain-clock-'));

beforeAll(async () => {
  platform = await startTestPlatform((folder) => {
    recorded = restoreDataFolder(folder);
    const shift = shiftClock(clockFolder, recorded.recordedAt);
    return { NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} ${shift}` };
  });
  thread = createThreadClient(platform);
});
afterAll(async () => {
  await platform.remove();
  rmSync(clockFolder, { recursive: true });
});

/** Returns a recorded comment by its name. */
const getComment = (name: string): Comment => {
  const found = recorded.thread.find(({ id }) => id === recorded.comments[name]);
  if (!found) throw new Error(`No comment was recorded as ${name}`);
  const { id, body, login } = found;
  return { id, body, created_at: recorded.recordedAt, user: { login, type: 'User' } };
};

/** Returns the ids of replies by the ids of their comments. */
const findReplies = (comments: readonly { id: number; body: string }[]): [comment: number, reply: number][] =>
  comments.flatMap(({ id, body }): [number, number][] => {
    const marker = readMarker(body);
    return typeof marker?.comment === 'number' ? [[marker.comment, id]] : [];
  });

test('the recorded thread has unfinished jobs of each kind, and replies with answers, refusals and jobs', () => {
  const states = (name: string) =>
    recorded.jobs.filter(({ comment }) => comment === recorded.comments[name]).map(({ state }) => state);
  expect(['compute', 'task', 'waiting', 'first-in-queue', 'second-in-queue'].flatMap(states)).toEqual([
    'running',
    'running',
    'waiting',
    'waiting',
    'waiting',
  ]);
  const mixed = recorded.thread.find(({ body }) => readMarker(body)?.comment === recorded.comments['mixed']);
  expect(
    mixed?.body.match(/<!-- coxswain:section .*/g)?.map((line) => line.replace(/.* (\S+) \S+ -->/, '$1')),
  ).toEqual(['completed', 'answer', 'refusal']);
});

test('a running computation is completed, and a running task is reported as lost', async () => {
  const reply = await thread.waitForReply(getComment('compute'), /completed/);
  expect(reply).toContain('300/300 inputs done');
  await thread.waitForReply(getComment('task'), /runner/);
  expect(await thread.waitForJob(getComment('task'), 'failed')).toMatchObject({ reason: 'runner-lost' });
}, 300_000);

test('jobs wait for the lock of a person, and run in their order once it is released', async () => {
  const [first, second] = [getComment('first-in-queue'), getComment('second-in-queue')];
  for (const each of [first, second])
    expect(await thread.listJobs(each)).toMatchObject([
      { state: 'waiting', approvals: [{ by: { name: 'priya' } }] },
    ]);
  await thread.waitForReply(await thread.write('mona', '/unlock deploy/production'), /deploy\/production/);
  for (const each of [first, second]) await thread.waitForReply(each, /completed/);
  const [[one], [two]] = [await thread.listJobs(first), await thread.listJobs(second)];
  // The script sleeps for 3 seconds. The lock is released just before the end of the job is recorded.
  const startTimes = [one, two].map((job) => Date.parse(job?.startedAt ?? ''));
  expect((startTimes[1] ?? 0) - (startTimes[0] ?? 0)).toBeGreaterThan(2_500);
}, 300_000);

test('a waiting job accepts the approval code of its old reply', async () => {
  const waiting = getComment('waiting');
  const old = recorded.thread.find(({ body }) => readMarker(body)?.comment === waiting.id);
  const code = /approve ([0-9a-z]{10})/.exec(old?.body ?? '')?.[1];
  const approval = await thread.write('priya', `/approve ${code}`);
  expect(await thread.waitForReply(approval, /./)).toContain('You approved');
  expect(await thread.waitForReply(waiting, /completed/)).toContain('Approved by `priya`');
}, 300_000);

test('the logs and states of old jobs can still be read', async () => {
  const [hello] = await thread.listJobs(getComment('mixed'));
  await thread.waitForReply(await thread.write('octavia', `/logs ${hello?.id}`), /Hello, one!/);
  await thread.waitForReply(await thread.write('octavia', `/status ${hello?.id}`), /completed/);
  const [canceled] = await thread.listJobs(getComment('rejected'));
  expect(canceled).toMatchObject({ state: 'canceled', reason: 'rejected' });
}, 300_000);

test('each old comment still has its one reply and its jobs', async () => {
  for (const name of ['compute', 'task', 'waiting', 'first-in-queue', 'second-in-queue'])
    await waitUntil(`the last reaction of ${name}`, async () =>
      (await thread.listReactions(getComment(name))).some((reaction) =>
        ['rocket', 'confused'].includes(reaction),
      ),
    );
  const names = Object.values(recorded.comments);
  const isOld = ([comment]: [number, number]): boolean => names.includes(comment);
  const sort = (pairs: [number, number][]): [number, number][] => pairs.toSorted(([a], [b]) => a - b);
  expect(sort(findReplies(await thread.listComments()).filter(isOld))).toEqual(
    sort(findReplies(recorded.thread).filter(isOld)),
  );
  for (const id of names) {
    const before = recorded.jobs.filter(({ comment }) => comment === id).map((job) => job.id);
    expect((await thread.listJobs({ id })).map((job) => job.id)).toEqual(before);
  }
}, 300_000);
