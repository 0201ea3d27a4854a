import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { findSchemaFaults } from '../../fixtures/github/schemas.ts';
import {
  createApiClient,
  createUserClient,
  createInstallationClient,
  openTestEmulator,
  signIn,
  startWebhookReceiver,
  createTemporaryFolder,
  type ApiClient,
  type ReceivedWebhook,
} from '../../fixtures/github-emulator.ts';
import { findMissingFields } from '../../fixtures/github/webhook-examples.ts';

type Review = { id: number; body: string; state: string; html_url: string };
type ReviewComment = Review & { url: string; path: string; pull_request_review_id: number };

const base = '/repos/acme/ops';
const path = 'notes.md';

describe('reviews of the sandbox', () => {
  const { folder, remove } = createTemporaryFolder();
  let hook: Awaited<ReturnType<typeof startWebhookReceiver>>;
  let emulator: GitHubEmulator;
  let mona: ApiClient;
  let rhea: ApiClient;
  let bot: ApiClient;
  let pull: string;
  let commit: string;

  beforeAll(async () => {
    hook = await startWebhookReceiver();
    emulator = await openTestEmulator(folder, () => hook.url);
    mona = createUserClient(emulator, 'maintain');
    rhea = createUserClient(emulator, 'read');
    bot = await createInstallationClient(emulator);
    commit = emulator.testControl.push({ by: 'mona', branch: 'notes', path, content: 'One\nTwo\n' });
    const opened = await mona('POST', `${base}/pulls`, { title: 'Notes', head: 'notes', base: 'main' });
    pull = `${base}/pulls/${(opened.body as { number: number }).number}`;
    await hook.next();
  });
  afterAll(async () => {
    await emulator.close();
    await hook.close();
    remove();
  });

  const expectEvent = (
    { headers, payload }: ReceivedWebhook,
    event: 'pull_request_review' | 'pull_request_review_comment',
  ): void => {
    expect(headers['x-github-event']).toBe(event);
    const schema = `webhook-${event.replaceAll('_', '-')}-${payload.action}`;
    expect(findSchemaFaults(payload, schema)).toEqual([]);
    // GitHub publishes no example of an edited review.
    if (`${event}.${payload.action}` !== 'pull_request_review.edited')
      expect(findMissingFields(payload, event, payload.action)).toEqual([]);
  };
  /** Writes a review comment, and returns it with the webhooks of its review and of itself. */
  const comment = async (by: ApiClient, body: string) => {
    const answer = await by('POST', `${pull}/comments`, { body, path, line: 2, commit_id: commit });
    expect([answer.status, findSchemaFaults(answer.body, 'pull-request-review-comment')]).toEqual([201, []]);
    return { written: answer.body as ReviewComment, ...(await nextTwo()) };
  };
  /** Returns the webhooks of a review and of its comment, which arrive in any order. */
  const nextTwo = async (): Promise<{ review: ReceivedWebhook; event: ReceivedWebhook }> => {
    const [one, other] = [await hook.next(), await hook.next()];
    const isReview = ({ headers }: ReceivedWebhook) => headers['x-github-event'] === 'pull_request_review';
    return isReview(one) ? { review: one, event: other } : { review: other, event: one };
  };

  test('a review comment is a review, too, and each has its webhook', async () => {
    const { written, review, event } = await comment(rhea, '/compute 1000');
    expectEvent(review, 'pull_request_review');
    expect(review.payload).toMatchObject({ review: { body: null, state: 'commented' } });
    expectEvent(event, 'pull_request_review_comment');
    expect(event.payload).toMatchObject({ comment: { id: written.id, body: '/compute 1000' } });
    expect(written.html_url).toMatch(new RegExp(`/acme/ops/pull/\\d+#discussion_r${written.id}$`));
    const listed = (await bot('GET', `${base}/pulls/comments?sort=updated&direction=asc`)).body as object[];
    expect(listed.flatMap((one) => findSchemaFaults(one, 'pull-request-review-comment'))).toEqual([]);
    expect(listed).toMatchObject([{ id: written.id, line: 2, diff_hunk: '@@ -0,0 +1,2 @@\n+One\n+Two' }]);
    const later = new Date(Date.now() + 60_000).toISOString();
    expect((await bot('GET', `${base}/pulls/comments?since=${later}`)).body).toEqual([]);
  });

  test('a review comment is answered in its thread, edited and deleted', async () => {
    const { written } = await comment(mona, 'Why two?');
    const answer = await rhea('POST', `${pull}/comments/${written.id}/replies`, { body: 'Why not?' });
    expect(answer.body).toMatchObject({ in_reply_to_id: written.id, path });
    const replied = await nextTwo();
    expectEvent(replied.review, 'pull_request_review');
    expectEvent(replied.event, 'pull_request_review_comment');
    const single = `${base}/pulls/comments/${written.id}`;
    expect((await rhea('PATCH', single, { body: 'Never mind' })).status).toBe(403);
    await mona('PATCH', single, { body: 'Never mind' });
    const edited = await hook.next();
    expectEvent(edited, 'pull_request_review_comment');
    expect(edited.payload).toMatchObject({ changes: { body: { from: 'Why two?' } } });
    expect((await mona('DELETE', single)).status).toBe(204);
    expectEvent(await hook.next(), 'pull_request_review_comment');
    expect((await mona('GET', single)).status).toBe(404);
  });

  test('a review has a body, a state and comments, and can be edited', async () => {
    const answer = await mona('POST', `${pull}/reviews`, {
      event: 'APPROVE',
      body: '/run Hello',
      comments: [{ path, line: 1, body: 'Good' }],
    });
    expect([answer.status, findSchemaFaults(answer.body, 'pull-request-review')]).toEqual([200, []]);
    const { id, html_url: url } = answer.body as Review;
    expect(url).toMatch(new RegExp(`#pullrequestreview-${id}$`));
    const { review, event } = await nextTwo();
    expectEvent(review, 'pull_request_review');
    expect(review.payload).toMatchObject({ review: { id, body: '/run Hello', state: 'approved' } });
    expect(event.payload).toMatchObject({ comment: { pull_request_review_id: id } });
    const listed = (await bot('GET', `${pull}/reviews`)).body as Review[];
    expect(listed.at(-1)).toMatchObject({ id, state: 'APPROVED' });
    await mona('PUT', `${pull}/reviews/${id}`, { body: '/run Goodbye' });
    const edited = await hook.next();
    expectEvent(edited, 'pull_request_review');
    expect(edited.payload).toMatchObject({ action: 'edited', changes: { body: { from: '/run Hello' } } });
    expect((await bot('GET', `${pull}/reviews/${id}`)).body).toMatchObject({ body: '/run Goodbye' });
  });

  test('a review comment has reactions of its own, even if a comment of the conversation has its number', async () => {
    const { written } = await comment(rhea, 'Same number');
    const issue = `${base}/issues/${pull.split('/').at(-1)}`;
    let last = 0;
    while (last < written.id)
      last = ((await rhea('POST', `${issue}/comments`, { body: 'Hi' })).body as ReviewComment).id;
    expect(last).toBe(written.id);
    const on = (kind: 'issues' | 'pulls') => `${base}/${kind}/comments/${written.id}/reactions`;
    const react = await bot('POST', on('pulls'), { content: 'eyes' });
    expect([react.status, findSchemaFaults(react.body, 'reaction')]).toEqual([201, []]);
    expect((await bot('POST', on('pulls'), { content: 'eyes' })).status).toBe(200);
    expect((await bot('GET', on('pulls'))).body).toHaveLength(1);
    expect((await bot('GET', on('issues'))).body).toEqual([]);
    expect((await bot('GET', written.url.replace(/^.*\/api\/v3/, ''))).body).toMatchObject({
      reactions: { eyes: 1, total_count: 1 },
    });
  });

  test('the page of the pull request shows reviews and their comments, and its script replaces them', async () => {
    const headers = { cookie: await signIn(emulator) };
    const number = pull.split('/').at(-1);
    for (const shown of [`pull/${number}`, `issues/${number}/overview`]) {
      const { text } = await createApiClient(emulator)(
        'GET',
        `${emulator.url}/acme/ops/${shown}`,
        undefined,
        headers,
      );
      expect(text).toMatch(/id="pullrequestreview-\d+" aria-label="Review by mona"/);
      expect(text).toMatch(/<code>notes.md<\/code>, line 2<[^]*id="discussion_r\d+">/);
    }
  });

  test.each([
    ['a comment on a file that the pull request does not change', 'comments', { path: 'other.md' }, 422],
    ['a blank comment', 'comments', { body: ' ' }, 422],
    ['a pending review', 'reviews', { body: 'Later' }, 422],
    ['a review without content', 'reviews', { event: 'COMMENT', body: '' }, 422],
  ])('refuses %s', async (_name, where, body, status) => {
    const whole = { body: 'Text', path, line: 1, commit_id: commit, ...body };
    const answer = await mona('POST', `${pull}/${where}`, where === 'reviews' ? body : whole);
    expect([answer.status, findSchemaFaults(answer.body, 'validation-error')]).toEqual([status, []]);
  });
});
