import type { CommentId } from '../../../contracts/comment-id.ts';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { ReceivedComment } from '../../../bot/server/webhook-events.ts';
import {
  MissedCommentPoller,
  type MissedCommentPollerOptions,
} from '../../../bot/sweep/missed-comment-poller.ts';
import { WriteRefusedError } from '../../../chatops/github/ports.ts';
import { waitUntil } from '../../fixtures/bot-fixture.ts';
import { FakeSweptGitHub } from '../../fakes/fake-swept-github.ts';

describe('a sweep', () => {
  let github: FakeSweptGitHub;
  let sweep: MissedCommentPoller;
  let heard: ReceivedComment[];
  let missed: ReceivedComment[];
  const leader = { isLeading: true };
  const answered = new Set<CommentId>();
  const reacted = new Set<CommentId>();
  const silenced = new Set<CommentId>();
  const room = { isLeft: true };

  const begin = async (more: Partial<MissedCommentPollerOptions> = {}): Promise<void> => {
    sweep = new MissedCommentPoller({
      github: await github.open(),
      endLocks: async () => false,
      identity: { app: 77, host: 'github.com', isOwn: async ({ user }) => user?.login === 'coxswain[bot]' },
      isLeading: () => leader.isLeading,
      getThread: () => ({
        hasReacted: async (comment) => reacted.has(comment),
        findReply: async ({ id }) => (answered.has(id) ? { id: 1, body: '' } : undefined),
      }),
      handleComment: async (comment) => heard.push(comment),
      handleMissed: async (comment) => missed.push(comment),
      claimedByAction: new Map(),
      takeOverClaim: async () => false,
      admissions: { isSilenced: (comment) => silenced.has(comment), hasRoom: () => room.isLeft },
      intervalMilliseconds: 20,
      metrics: github.metrics,
      log: github.log,
      ...more,
    });
  };
  const looks = (more: number): Promise<unknown> => {
    const before = github.lists.length;
    return waitUntil('some looks', () => github.lists.length >= before + more);
  };
  const ids = (comments: ReceivedComment[]) => comments.map(({ comment }) => comment.id);

  beforeEach(() => {
    github = new FakeSweptGitHub();
    [heard, missed] = [[], []];
    answered.clear();
    reacted.clear();
    silenced.clear();
    room.isLeft = true;
    leader.isLeading = true;
  });
  afterEach(async () => {
    await sweep.stop();
    await github.close();
  });

  test('hears a review comment that was drafted long before its review was submitted', async () => {
    await begin();
    const missing = github.addReviewComment('/compute 10', 5, { created_at: '2026-01-01T00:00:00Z' });
    github.addReviewComment('no command', 5);
    github.addReviewComment('/compute 11', 0);
    const old = github.addReviewComment('/compute 12', 90);
    answered.add(`review-comment-${github.addReviewComment('/compute 13', 5).id}`);
    sweep.start();
    await waitUntil('both', () => heard.length + missed.length > 1);
    await looks(3);
    expect(heard).toMatchObject([
      {
        comment: { id: `review-comment-${missing.id}`, createdAt: missing.updated_at, body: '/compute 10' },
        thread: { number: 1 },
        event: { kind: 'created' },
      },
    ]);
    expect(ids(missed)).toEqual([`review-comment-${old.id}`]);
  });

  test('ignores a review comment that was edited, because nobody knows by whom, or whose review is gone', async () => {
    await begin();
    const edited = github.addReviewComment('/compute 10', 20);
    edited.updated_at = new Date(Date.parse(edited.updated_at) + 600_000).toISOString().replace('.000', '');
    const gone = github.addReviewComment('/compute 11', 5);
    github.reviews.delete(gone.pull_request_review_id);
    const other = github.addReviewComment('/compute 12', 3);
    sweep.start();
    await waitUntil('the other one', () => heard.length > 0);
    await looks(3);
    expect(ids(heard)).toEqual([`review-comment-${other.id}`]);
  });

  test('does not confuse a review comment with the comment of the conversation with its number', async () => {
    await begin();
    const comment = github.addComment('/compute 10', 5);
    github.addReviewComment('/compute 10', 5, { id: comment.id });
    answered.add(comment.id);
    sweep.start();
    await waitUntil('the review comment', () => heard.length > 0);
    await looks(3);
    expect(ids(heard)).toEqual([`review-comment-${comment.id}`]);
  });

  test('finds a comment as soon as its webhook is overdue, before the next sweep', async () => {
    await begin({ intervalMilliseconds: 3_600_000 });
    const young = github.addComment('/compute 10', 58 / 60);
    sweep.start();
    await waitUntil('the comment', () => heard.length > 0);
    expect(ids(heard)).toEqual([young.id]);
    expect(Date.now() - Date.parse(young.created_at)).toBeGreaterThanOrEqual(60_000);
  });

  test('asks nothing about a comment without an answer; one beyond the lookup budget waits', async () => {
    await begin();
    const dropped = github.addComment('/help', 5);
    silenced.add(dropped.id);
    room.isLeft = false;
    const waiting = github.addComment('/compute 10', 5);
    sweep.start();
    await looks(3);
    expect(heard).toEqual([]);
    room.isLeft = true;
    await waitUntil('the other one', () => heard.length > 0);
    await looks(2);
    expect(ids(heard)).toEqual([waiting.id]);
  });

  test('handles new comments and answers old ones, once each; a handled comment is like one from a webhook', async () => {
    await begin();
    const young = github.addComment('/compute 10', 5);
    const old = github.addComment('/compute 10', 90);
    sweep.start();
    await looks(4);
    expect(heard).toEqual([
      {
        host: 'github.com',
        thread: { repository: { id: 501, name: 'acme/ops' }, number: 1, kind: 'issue' },
        threadState: { labels: ['ops'], comments: 7 },
        comment: { id: young.id, createdAt: young.created_at, body: '/compute 10' },
        author: { id: 11, login: 'mona', kind: 'person' },
        event: { kind: 'created' },
        installation: 3,
      },
    ]);
    expect(ids(missed)).toEqual([old.id]);
    const shown = await github.metrics.registry.metrics();
    expect(shown).toContain('coxswain_missed_comments_total{outcome="heard"} 1');
    expect(shown).toContain('coxswain_missed_comments_total{outcome="too-old"} 1');
  });

  test('a comment that an app posted for a person has that person and the app as its author: handled, or answered as missed', async () => {
    await begin();
    const young = github.addComment('/compute 10', 5, { performed_via_github_app: { id: 5, slug: 'relay' } });
    const old = github.addComment('/compute 10', 90, { performed_via_github_app: { id: 5, slug: 'relay' } });
    sweep.start();
    await waitUntil('both are seen to', () => heard.length + missed.length === 2);
    expect([ids(heard), ids(missed)]).toEqual([[young.id], [old.id]]);
    for (const { author } of [...heard, ...missed])
      expect(author).toEqual({ id: 11, login: 'mona', kind: 'person-via-app', app: 'relay' });
  });

  test('leaves alone what is talk, edited, ours, answered, without a thread, or of long ago', async () => {
    await begin();
    github.addComment('Thank you', 5);
    github.addComment('/compute 10', 5, { updated_at: new Date().toISOString().replace(/\.\d+Z$/, 'Z') });
    github.addComment('/compute 10', 5, { user: { id: 9, login: 'coxswain[bot]', type: 'Bot' } });
    github.addComment('/compute 10', 5, { user: null });
    github.addComment('/compute 10', 5, { issue_url: 'https://api.github.com/repos/acme/ops/issues/404' });
    github.addComment('/compute 10', 90, { user: { id: 5, login: 'renovate[bot]', type: 'Bot' } });
    github.addComment('/compute 10', 3 * 24 * 60);
    answered.add(github.addComment('/compute 10', 5).id);
    reacted.add(github.addComment('/compute 10', 5, { reactions: { total_count: 2 } }).id);
    sweep.start();
    await looks(3);
    expect([heard, missed]).toEqual([[], []]);
  });

  test('a comment that a webhook may still deliver is handled once it is a minute old', async () => {
    await begin();
    const fresh = github.addComment('/compute 10', 0.5);
    sweep.start();
    await looks(3);
    expect(heard).toEqual([]);
    const now = Date.now.bind(Date);
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + 45_000);
    try {
      await waitUntil('it is heard', () => heard.length > 0);
    } finally {
      clock.mockRestore();
    }
    expect(ids(heard)).toEqual([fresh.id]);
  });

  test('when nothing happens, a poll is one conditional request', async () => {
    await begin();
    github.addComment('Thank you', 5);
    sweep.start();
    await waitUntil('an answer of 304', () => github.lists.includes(304));
    await looks(3);
    expect(github.lists.slice(github.lists.indexOf(304)).every((status) => status === 304)).toBe(true);
    const late = github.addComment('/compute 10', 2);
    await waitUntil('it is heard', () => heard.length > 0);
    expect(ids(heard)).toEqual([late.id]);
  });

  test('all pages are read, also if many comments have the same second', async () => {
    await begin();
    for (let n = 0; n < 150; n += 1) github.addComment(`Talk ${n}`, 30);
    for (let n = 0; n < 120; n += 1) github.addComment(`Talk ${n}`, 29 - n / 10);
    const last = github.addComment('/compute 10', 10);
    sweep.start();
    await waitUntil('it is heard', () => heard.length > 0);
    expect(ids(heard)).toEqual([last.id]);
  });

  test('what fails is tried again; what GitHub takes no answer to is not', async () => {
    let faults = 2;
    const tried: CommentId[] = [];
    await begin({
      handleComment: async ({ comment }) => {
        tried.push(comment.id);
        if (comment.body === '/help') throw new WriteRefusedError('locked');
        if (faults-- > 0) throw new Error('down');
        return 'accepted';
      },
    });
    const failing = github.addComment('/compute 10', 5);
    const locked = github.addComment('/help', 4);
    sweep.start();
    await waitUntil('it is heard', () => tried.filter((id) => id === failing.id).length === 3);
    await looks(3);
    expect(tried.toSorted((a, b) => Number(a) - Number(b))).toEqual([
      failing.id,
      failing.id,
      failing.id,
      locked.id,
    ]);
  });

  test('only the leader polls; a new leader polls soon', async () => {
    leader.isLeading = false;
    await begin();
    github.addComment('/compute 10', 5);
    sweep.start();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(github.calls).toEqual([]);
    leader.isLeading = true;
    await waitUntil('it is heard', () => heard.length > 0);
  });

  test('pauses while less than a fifth of the quota is left', async () => {
    await begin();
    github.remainingCalls = 900;
    sweep.start();
    const looksOf = () => github.calls.filter(({ path }) => path === '/app/installations').length;
    await waitUntil('some looks', () => looksOf() > 4);
    // Only the first call could tell.
    expect(github.calls.filter(({ path }) => path === '/installation/repositories')).toHaveLength(1);
    expect(github.lists).toEqual([]);
    expect(await github.metrics.registry.metrics()).toContain(
      'coxswain_github_quota_remaining{installation="3"} 900',
    );
  });

  test('an outage of GitHub is logged once, and polling continues', async () => {
    await begin();
    github.down = true;
    github.addComment('/compute 10', 5);
    sweep.start();
    await waitUntil('some looks', () => github.calls.length > 4);
    expect(github.logged.filter(({ level }) => level === 40)).toHaveLength(1);
    github.down = false;
    await waitUntil('it is heard', () => heard.length > 0);
  });
});
