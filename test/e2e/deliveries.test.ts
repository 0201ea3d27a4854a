import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { followComment } from '../../cli/thread/follow-comment.ts';
import type { Comment } from '../../cli/thread/github-client.ts';
import { waitForJob, startTestPlatform, waitUntil, type LocalPlatform } from '../fixtures/local-platform.ts';
import { countJobsAndReplies, createWebhook } from '../fixtures/signed-webhook.ts';

let platform: LocalPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform.remove());

const tenTimes = async (comment: Comment): Promise<number[]> => {
  const { send } = await createWebhook(platform, comment);
  const delivery = randomUUID();
  return Promise.all(Array.from({ length: 10 }, () => send(delivery)));
};

const counted = (comment: Comment) => countJobsAndReplies(platform, comment);

test('one webhook ten times at once, after the end, and after a restart: one job, one reply', async () => {
  const me = await platform.as('write');
  const { github } = await platform.file();
  const comment = await me.comment(github.issue, '/compute 20');
  expect(new Set(await tenTimes(comment))).toEqual(new Set([200]));
  const outcome = await followComment(await platform.file(), me, github.issue, comment, () => {}, 60);
  expect(outcome.jobs).toMatchObject([{ state: 'completed' }]);
  expect(new Set(await tenTimes(comment))).toEqual(new Set([200]));
  expect(await counted(comment)).toEqual({ jobs: 1, replies: 1 });

  expect(await platform.stop()).toBe(0);
  await platform.start();
  expect(new Set(await tenTimes(comment))).toEqual(new Set([200]));
  // A further comment passes through the same queue: once it is answered, the deliveries before it have been too.
  await platform.say('/tasks');
  expect(await counted(comment)).toEqual({ jobs: 1, replies: 1 });
  const [job] = (await (await platform.jobs()).page({})).jobs.filter(
    ({ origin }) => origin.comment?.id === comment.id,
  );
  expect(job).toEqual({ ...outcome.jobs[0], links: expect.anything() });
}, 300_000);

test('the bot killed at the start of a job: one job, one reply that ends right', async () => {
  const me = await platform.as('write');
  const { github } = await platform.file();
  const comment = await me.comment(github.issue, '/compute 50');
  const jobs = await platform.jobs();
  await waitUntil('the start', async () =>
    (await jobs.page({})).jobs.some(({ origin }) => origin.comment?.id === comment.id),
  );
  await platform.kill('bot');
  const outcome = await followComment(await platform.file(), me, github.issue, comment, () => {}, 60);
  expect(outcome.jobs).toMatchObject([{ state: 'completed', progress: { done: 50 } }]);
  expect(await counted(comment)).toEqual({ jobs: 1, replies: 1 });
  expect((await waitForJob(platform, comment)).state).toBe('completed');
}, 300_000);

test('a comment written while the bot is down is answered once it is back', async () => {
  const me = await platform.as('write');
  const { github } = await platform.file();
  await platform.kill('bot');
  const comment = await me.comment(github.issue, '/run Hello who=world');
  const outcome = await followComment(await platform.file(), me, github.issue, comment, () => {}, 60);
  expect(outcome.jobs).toMatchObject([{ state: 'completed', result: { exitCode: 0 } }]);
  expect(await counted(comment)).toEqual({ jobs: 1, replies: 1 });
}, 300_000);
