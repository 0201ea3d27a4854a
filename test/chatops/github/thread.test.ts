import { describe, expect, test } from '@jest/globals';
import { ReplyCache } from '../../../chatops/github/reply-cache.ts';
import { WriteRefusedError } from '../../../chatops/github/ports.ts';
import { createOctokitThread } from '../../../chatops/github/thread.ts';
import { createHttpError, createFakeOctokit } from '../../fakes/octokit.ts';

const list = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
const get = 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}';
const create = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
const edit = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}';
const react = 'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions';

const trigger = { id: 9, createdAt: '2026-01-01T00:00:00Z' };
const later = '2026-01-01T00:00:05Z';
const bodyFor = (comment: number): string =>
  `text\n\n<!-- coxswain {"v":1,"comment":${comment},"jobs":[],"state":"0a1b2c3d"} -->`;
const ours = { id: 1, login: 'coxswain[bot]', type: 'Bot' };
const person = { id: 2, login: 'mona', type: 'User' };

const threadWith = (answers: Parameters<typeof createFakeOctokit>[0]) => {
  const octokit = createFakeOctokit(answers);
  const identity = {
    isOwn: async ({ user }: { user: { login: string } | null }) => user?.login === ours.login,
  };
  const ref = { repository: { id: 5, name: 'acme/ops' }, number: 4, kind: 'issue' as const };
  return { thread: createOctokitThread(ref, { octokit, identity, replyCache: new ReplyCache() }), octokit };
};

const refuses = (status: number, message: string) => () => {
  throw createHttpError(status, message);
};

describe('finding the reply', () => {
  test('by our own identity and a marker that names the comment', async () => {
    const { thread, octokit } = threadWith({
      [list]: () => [
        { id: 20, user: person, body: bodyFor(9), created_at: later },
        { id: 21, user: ours, body: bodyFor(8), created_at: later },
        { id: 22, user: ours, body: 'no marker', created_at: later },
        { id: 23, user: ours, body: null, created_at: later },
        { id: 24, user: ours, body: bodyFor(9), created_at: later },
      ],
    });
    await expect(thread.findReply(trigger)).resolves.toEqual({ id: 24, body: bodyFor(9) });
    expect(octokit.calls[0]?.parameters).toMatchObject({
      since: trigger.createdAt,
      issue_number: 4,
      page: 1,
    });
  });

  test('on a later page', async () => {
    const full = Array.from({ length: 100 }, (_, n) => ({
      id: 100 + n,
      user: person,
      body: 'talk',
      created_at: later,
    }));
    const { thread } = threadWith({
      [list]: ({ page }) =>
        Number(page) < 3 ? full : [{ id: 300, user: ours, body: bodyFor(9), created_at: later }],
    });
    await expect(thread.findReply(trigger)).resolves.toMatchObject({ id: 300 });
  });

  test('none', async () => {
    const { thread } = threadWith({ [list]: () => [] });
    await expect(thread.findReply(trigger)).resolves.toBeUndefined();
  });

  test('one that we know is read again, not listed', async () => {
    const { thread, octokit } = threadWith({
      [list]: () => [{ id: 24, user: ours, body: bodyFor(9), created_at: later }],
      [get]: () => ({ id: 24, user: ours, body: `newer ${bodyFor(9)}` }),
    });
    await thread.findReply(trigger);
    await expect(thread.findReply(trigger)).resolves.toEqual({ id: 24, body: `newer ${bodyFor(9)}` });
    expect(octokit.calls.map(({ route }) => route)).toEqual([list, get]);
  });

  test('one that somebody deleted is looked for again', async () => {
    let listed = [{ id: 24, user: ours, body: bodyFor(9), created_at: later }];
    const { thread } = threadWith({ [list]: () => listed });
    await thread.findReply(trigger);
    listed = [];
    await expect(thread.findReply(trigger)).resolves.toBeUndefined();
  });

  test('one that we have just written is there, even if GitHub does not show it yet', async () => {
    const { thread } = threadWith({ [list]: () => [], [create]: () => ({ id: 30 }) });
    await thread.create(bodyFor(9));
    await expect(thread.findReply(trigger)).resolves.toEqual({ id: 30, body: bodyFor(9) });
  });

  test.each([404, 410])('a thread that is gone (%i) is refused', async (status) => {
    const { thread } = threadWith({ [list]: refuses(status, 'Gone') });
    await expect(thread.findReply(trigger)).rejects.toThrow(WriteRefusedError);
  });
});

describe('finding a comment of ours', () => {
  const marked = (id: number, comment: number, created_at: string, user = ours) => ({
    id,
    user,
    body: bodyFor(comment),
    created_at,
  });

  test('the first that was written since, not one that was only edited since', async () => {
    const { thread, octokit } = threadWith({
      [list]: () => [
        marked(20, 9, '2025-12-31T23:59:59Z'),
        marked(21, 8, later),
        marked(22, 9, later, person),
        marked(23, 9, '2026-01-01T00:00:00Z'),
        marked(24, 9, later),
      ],
    });
    const since = '2026-01-01T00:00:00.900Z';
    await expect(thread.findOwnComment(since, ({ comment }) => comment === 9)).resolves.toMatchObject({
      id: 23,
    });
    expect(octokit.calls[0]?.parameters).toMatchObject({ since, issue_number: 4 });
  });

  test('on a thread that is gone', async () => {
    const { thread } = threadWith({ [list]: refuses(410, 'Gone') });
    await expect(thread.findOwnComment(later, () => true)).rejects.toThrow(WriteRefusedError);
  });
});

describe('whether we reacted', () => {
  const reactions = 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions';
  const by = (user: object | null) => ({ id: 1, content: 'eyes', user });

  test('by our own identity alone, on any page', async () => {
    const full = Array.from({ length: 100 }, () => by(person));
    const { thread } = threadWith({ [reactions]: ({ page }) => (page === 1 ? full : [by(null), by(ours)]) });
    await expect(thread.hasReacted(9)).resolves.toBe(true);
    const other = threadWith({ [reactions]: () => [by(person), by(null)] });
    await expect(other.thread.hasReacted(9)).resolves.toBe(false);
  });

  test('of a comment that is gone nothing is said', async () => {
    const { thread } = threadWith({});
    await expect(thread.hasReacted(9)).rejects.toMatchObject({ status: 404 });
  });
});

describe('writing', () => {
  test('a creation is sent once: Octokit is not to repeat it', async () => {
    const { thread, octokit } = threadWith({ [create]: () => ({ id: 30 }) });
    await expect(thread.create('hello')).resolves.toEqual({ id: 30, body: 'hello' });
    expect(octokit.calls[0]?.parameters).toMatchObject({
      issue_number: 4,
      body: 'hello',
      request: { retries: 0 },
    });
  });

  test.each([
    [403, 'Unable to create comment because issue is locked.'],
    [403, 'Repository was archived so is read-only.'],
    [403, 'Commenting is disabled on issues with more than 2500 comments'],
    [422, 'Validation Failed: too many comments'],
    [404, 'Not Found'],
    [410, 'This issue was deleted'],
  ])('%i "%s" is final', async (status, message) => {
    const { thread } = threadWith({ [create]: refuses(status, message) });
    await expect(thread.create('hello')).rejects.toThrow(WriteRefusedError);
  });

  test.each([
    [403, 'Resource not accessible by integration'],
    [403, 'You have exceeded a secondary rate limit'],
    [422, 'Validation Failed: body was submitted too quickly'],
    [502, 'Bad Gateway'],
  ])('%i "%s" may pass', async (status, message) => {
    const { thread } = threadWith({ [create]: refuses(status, message) });
    await expect(thread.create('hello')).rejects.toMatchObject({ name: 'HttpError', status });
  });

  test('an edit of a reply that was deleted says nothing about the thread', async () => {
    const { thread } = threadWith({ [edit]: refuses(404, 'Not Found') });
    await expect(thread.edit(30, 'hello')).rejects.toMatchObject({ status: 404 });
  });

  test('nor is it cached any longer, however recently it was written', async () => {
    const { thread } = threadWith({
      [create]: () => ({ id: 30 }),
      [list]: () => [],
      [edit]: refuses(404, 'Not Found'),
    });
    await thread.create(bodyFor(9));
    await expect(thread.findReply(trigger)).resolves.toMatchObject({ id: 30 });
    await expect(thread.edit(30, bodyFor(9))).rejects.toMatchObject({ status: 404 });
    await expect(thread.findReply(trigger)).resolves.toBeUndefined();
  });

  test('an edit on a locked thread is final', async () => {
    const { thread } = threadWith({
      [edit]: refuses(403, 'Unable to update comment because issue is locked.'),
    });
    await expect(thread.edit(30, 'hello')).rejects.toThrow(WriteRefusedError);
  });

  test('a reaction', async () => {
    const { thread, octokit } = threadWith({ [react]: () => ({ id: 1 }) });
    await thread.react(9, 'rocket');
    expect(octokit.calls[0]?.parameters).toMatchObject({ comment_id: 9, content: 'rocket' });
  });

  test('a reaction that a locked thread refuses', async () => {
    const { thread } = threadWith({
      [react]: () => {
        throw Object.assign(new Error('Unable to create reaction because issue is locked.'), { status: 403 });
      },
    });
    await expect(thread.react(9, 'rocket')).rejects.toThrow(WriteRefusedError);
  });

  test('a reaction to a comment that was deleted is not missed', async () => {
    const { thread } = threadWith({});
    await expect(thread.react(9, 'rocket')).resolves.toBeUndefined();
  });
});

describe('comments of other kinds with the same number', () => {
  const reactToReview = 'POST /repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions';
  const getReview = 'GET /repos/{owner}/{repo}/pulls/comments/{comment_id}';
  const listed = (comment: string, id: number) => ({
    id,
    user: ours,
    body: bodyFor(9).replace('"comment":9', `"comment":${comment}`),
    created_at: later,
  });
  const replies = () => [listed('9', 20), listed('"review-comment-9"', 21), listed('"review-9"', 22)];

  test('have their own replies', async () => {
    const { thread } = threadWith({ [list]: replies, [getReview]: () => ({ reactions: { rocket: 1 } }) });
    for (const [id, reply] of [
      [9, 20],
      ['review-comment-9', 21],
      ['review-9', 22],
    ] as const) {
      await expect(thread.findReply({ ...trigger, id })).resolves.toMatchObject({ id: reply });
      // From the cache, too.
      await expect(thread.findReply({ ...trigger, id })).resolves.toMatchObject({ id: reply });
    }
    expect(thread.getCachedReactions('review-comment-9')).toEqual({ rocket: 1 });
    expect([9, 'review-9'].map((id) => thread.getCachedReactions(id as 9))).toEqual([undefined, undefined]);
  });

  test('get their own reactions; a review has none', async () => {
    const { thread, octokit } = threadWith({
      [reactToReview]: () => ({ id: 1 }),
      'GET /repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions': () => [{ user: ours }],
    });
    await thread.react('review-comment-9', 'eyes');
    await thread.react('review-9', 'eyes');
    await expect(thread.hasReacted('review-comment-9')).resolves.toBe(true);
    await expect(thread.hasReacted('review-9')).resolves.toBe(false);
    expect(octokit.calls.map(({ parameters }) => parameters?.['comment_id'])).toEqual([9, 9]);
  });

  test('a deleted review comment still has its reply', async () => {
    const { thread } = threadWith({ [list]: replies, [getReview]: refuses(404, 'Not Found') });
    await expect(thread.findReply({ ...trigger, id: 'review-comment-9' })).resolves.toMatchObject({ id: 21 });
  });
});
