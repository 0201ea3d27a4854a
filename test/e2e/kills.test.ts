import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verifyOutputs } from '../../cli/demo/verify-outputs.ts';
import { followComment, type CommentOutcome } from '../../cli/thread/follow-comment.ts';
import type { Comment } from '../../cli/thread/github-client.ts';
import { startedPath } from '../../contracts/blob-paths.ts';
import { openStorage } from '../../compute/storage/open-storage.ts';
import { requireEarlier } from '../fixtures/require-earlier.ts';
import { waitForJob, startTestPlatform, waitUntil, type LocalPlatform } from '../fixtures/local-platform.ts';

/*
 * One `/compute 1000` and one task go through everything: kills of each child, of the platform, Ctrl-C. In close succession, so
 * that what is waited for (messages that come back, rounds without progress) is waited for at once.
 */

let platform: LocalPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform.remove());

const write = async (body: string): Promise<Comment> =>
  (await platform.as('write')).comment((await platform.file()).github.issue, body);

const storyOf = async (comment: Comment): Promise<CommentOutcome> => {
  const file = await platform.file();
  return followComment(file, await platform.as('write'), file.github.issue, comment, () => {}, 150);
};

/** Waits until a number of additional blocks are done, or almost all. */
const further = async (id: string, blocks: number): Promise<void> => {
  const jobs = await platform.jobs();
  const job = await waitUntil('the job', () => jobs.get(id));
  const enough = Math.min(900, (job.progress?.done ?? 0) + blocks);
  await waitUntil(`${enough} blocks`, async () => ((await jobs.get(id))?.progress?.done ?? 0) >= enough);
};

let task: { comment: Comment; id: string } | undefined;

test('any process can be killed during /compute 1000, and 1000 of 1000 are done', async () => {
  const comment = await write('/compute 1000');
  const { id } = await waitForJob(platform, comment);
  await further(id, 30);
  for (const child of ['worker', 'azurite-queue', 'bot', 'azurite-blob', 'worker'])
    await waitUntil(child, () => platform.kill(child));
  const countdown = await write('/run Countdown seconds=60');
  const started = { comment: countdown, id: (await waitForJob(platform, countdown)).id };
  task = started;
  const { blobs } = openStorage((await platform.file()).storage.connectionString);
  await waitUntil('the script', () => blobs.exists(startedPath(started.id)));
  await platform.killPlatform();
  await platform.start();
  await further(id, 20);

  const { pid, children } = await platform.file();
  expect(await platform.stop()).toBe(0);
  expect([pid, ...children.map((child) => child.pid)].filter(isAlive)).toEqual([]);
  await platform.start();

  const outcome = await storyOf(comment);
  expect(outcome.jobs).toMatchObject([
    { id, state: 'completed', progress: { done: 1000, failed: 0, total: 1000 } },
  ]);
  await expect(verifyOutputs(outcome, 1000)).resolves.toContain('each of the 1000 inputs');
}, 240_000);

test('a platform killed in the middle of a task: its script ran once, and the reply reports the known state', async () => {
  const { comment, id } = requireEarlier(task, 'started the task');
  const outcome = await storyOf(comment);
  // A container group outlives the platform, unlike a runner that is its child.
  const { azure } = platform;
  const end = azure ? { state: 'completed' } : { state: 'failed', reason: 'runner-lost' };
  expect(outcome.jobs).toMatchObject([{ id, ...end }]);
  expect(outcome.reply?.body).toContain(azure ? 'completed' : 'after the script had started');
  const starts = azure?.requests.filter(({ method, path }) => method === 'PUT' && path.includes(id));
  expect(starts?.length ?? 1).toBe(1);
  await waitUntil('the end of the runner', async () => !(await platform.hasRunner()));
}, 300_000);

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
