import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseCommentId } from '../../contracts/comment-id.ts';
import { startTestPlatform, waitUntil, type LocalPlatform } from '../fixtures/local-platform.ts';
import { openPullRequest, type PullClient, type WrittenComment } from '../fixtures/pull-client.ts';

/* Commands in review comments and reviews, on a local platform with its bot. */

let platform: LocalPlatform;
let pull: PullClient;
beforeAll(async () => {
  platform = await startTestPlatform();
  pull = await openPullRequest(platform);
});
afterAll(() => platform.remove());

const getNumber = ({ id }: WrittenComment): number => parseCommentId(id).number;

test('a command in a review comment: 👀, one reply that links the comment and follows the job, 🚀', async () => {
  const comment = await pull.reviewComment('octavia', '/compute 30');
  const reply = await pull.waitForReply(comment, /completed/);
  expect(reply.split('\n')[0]).toBe(`In reply to [this review comment](#discussion_r${getNumber(comment)})`);
  await waitUntil('the last reaction', async () => (await pull.listReactions(comment)).includes('rocket'));
  expect(await pull.listReactions(comment)).toEqual(['eyes', 'rocket']);
  const jobs = await pull.listJobs(comment);
  expect(jobs).toMatchObject([{ state: 'completed', origin: { thread: { kind: 'pull-request' } } }]);
  expect(jobs[0]?.origin).toMatchObject({ sender: 'octavia', review: { id: comment.id, index: 0 } });
  expect(jobs[0]?.origin.comment).toBeUndefined();
});

test('a command in the text of a review: one reply that links the review', async () => {
  const review = await pull.review('octavia', 'Looks good. Please try it:\n\n/run Hello who=review');
  const reply = await pull.waitForReply(review, /completed/);
  expect(reply.split('\n')[0]).toBe(`In reply to [this review](#pullrequestreview-${getNumber(review)})`);
  expect(await pull.listJobs(review)).toMatchObject([{ kind: 'task', state: 'completed' }]);
});

test('comments of all kinds with one number have separate jobs and replies', async () => {
  for (let n = 0; n < 10; n += 1) await pull.review('octavia', 'No command');
  const review = await pull.review('octavia', '/compute 20');
  const number = getNumber(review);
  /** Writes comments up to the number, the last one with the command. */
  const writeUpTo = async (kind: 'comment' | 'reviewComment'): Promise<WrittenComment> => {
    let last = await pull[kind]('octavia', 'No command');
    while (getNumber(last) < number - 1) last = await pull[kind]('octavia', 'No command');
    return pull[kind]('octavia', '/compute 20');
  };
  await pull.waitForReply(review, /completed/);
  const reviewComment = await writeUpTo('reviewComment');
  await pull.waitForReply(reviewComment, /completed/);
  const comment = await writeUpTo('comment');
  const reply = await pull.waitForReply(comment, /completed/);
  expect(reply).not.toContain('In reply to');

  const all = [review, reviewComment, comment];
  expect(all.map(getNumber)).toEqual([number, number, number]);
  const jobs = await Promise.all(all.map((one) => pull.listJobs(one)));
  expect(jobs.map((own) => own.length)).toEqual([1, 1, 1]);
  expect(new Set(jobs.flat().map(({ id }) => id)).size).toBe(3);
  for (const one of all) await pull.waitForReply(one, /completed/);
  for (const one of [reviewComment, comment])
    await waitUntil('the last reaction', async () => (await pull.listReactions(one)).includes('rocket'));
});

test('an edit runs only what is new, and only for the author', async () => {
  const comment = await pull.reviewComment('octavia', '/compute 31');
  const review = await pull.review('octavia', '/compute 32');
  for (const one of [comment, review]) {
    await pull.waitForReply(one, /completed/);
    await pull.edit('octavia', one, `${one.body}\n/compute 33`);
    await pull.waitForReply(one, /`\/compute 33`\*\* completed/);
    expect(await pull.listJobs(one)).toHaveLength(2);
    await pull.edit('mona', one, `${one.body}\n/compute 33\n/compute 34`);
    await pull.waitForReply(one, /edited/);
    expect(await pull.listJobs(one)).toHaveLength(2);
  }
});

test('people without permission are refused, whatever GitHub says about their association', async () => {
  const comment = await pull.reviewComment('rhea', '/compute 10');
  await pull.waitForReply(comment, /write/);
  await waitUntil('the reaction', async () => (await pull.listReactions(comment)).includes('confused'));
  expect(await pull.listJobs(comment)).toEqual([]);
});

test('quotes, code and suggestions are text, and the state of a review does not matter', async () => {
  const suggestion = 'Better:\n```suggestion\n/compute 40\n```\n> /compute 41\n\n/compute 42';
  const comment = await pull.reviewComment('octavia', suggestion);
  await pull.waitForReply(comment, /completed/);
  expect(await pull.listJobs(comment)).toMatchObject([{ request: { inputCount: 42 } }]);
});

test('the job of a review comment is found from another comment', async () => {
  const comment = await pull.reviewComment('octavia', '/compute 30');
  await pull.waitForReply(comment, /completed/);
  const [job] = await pull.listJobs(comment);
  const status = await pull.review('octavia', `/status ${job?.id}`);
  expect(await pull.waitForReply(status, /completed/)).toContain('/compute 30');
});
