import { describe, expect, test } from '@jest/globals';
import type { Octokit } from '../../../chatops/github/api-client.ts';
import type { LoadedPolicy } from '../../../chatops/github/ports.ts';
import { defaultPolicy, readPolicy } from '../../../chatops/policy/index.ts';
import { refreshReply } from '../../../chatops/reply/render-reply.ts';
import { listRecentComments } from '../../../chatops/sweep/comment-listing.ts';
import { findUnanswered } from '../../../chatops/sweep/find-unanswered.ts';

type Said = { id: number; body: string; by?: string; type?: string; minutes?: number };

const at = (minutes: number): string =>
  new Date(Date.now() - minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');

const asListed = ({ id, body, by = 'mona', type = 'User', minutes = 10 }: Said) => ({
  id,
  body,
  created_at: at(minutes),
  updated_at: at(minutes),
  issue_url: 'https://api.github.com/repos/acme/ops/issues/1',
  user: { id: 1, login: by, type },
  reactions: { total_count: 1, eyes: 1, rocket: 0, confused: 1 },
});

/** A repository's list of comments, as GitHub gives it. It has no review comments. */
const listOf = (said: readonly Said[]): Octokit => {
  const all = said.map(asListed).toSorted((a, b) => a.updated_at.localeCompare(b.updated_at));
  return {
    request: async (route, { since, per_page: size, page } = {}) => {
      if (route.endsWith('/pulls/comments')) return { data: [] };
      const found = all.filter(({ updated_at: changed }) => changed >= String(since));
      return { data: found.slice((Number(page) - 1) * Number(size), Number(page) * Number(size)) };
    },
  };
};

const repository = { id: 501, name: 'acme/ops' };
const us = { isOwn: async ({ user }: { user: { login: string } | null }) => user?.login === 'us' };
const listing = (...said: Said[]) => listRecentComments(repository, listOf(said), us);

const replyTo = (comment: number): string =>
  refreshReply(undefined, { comment, jobs: [], isPublic: true }).body;

describe('a listing', () => {
  test('knows our replies, the older one of two, and believes a marker of nobody else', async () => {
    const found = await listing(
      { id: 1, body: '/compute 1' },
      { id: 4, body: replyTo(1), by: 'us', type: 'Bot', minutes: 9 },
      { id: 3, body: replyTo(1), by: 'us', type: 'Bot', minutes: 8 },
      { id: 5, body: replyTo(2) },
    );
    expect(found.findReplyTo(1)?.id).toBe(3);
    expect(found.findReplyTo(2)).toBeUndefined();
    expect([1, 2].map((id) => found.isAnswered(id))).toEqual([true, false]);
    expect(new Set(found.comments.map(({ id }) => id))).toEqual(new Set([1, 5]));
  });

  test('knows the reactions to a comment that it holds', async () => {
    const found = await listing({ id: 1, body: '/compute 1' });
    expect([found.countReactions(1, 'rocket'), found.countReactions(1, 'confused')]).toEqual([0, 1]);
    expect(found.countReactions(2, 'rocket')).toBeUndefined();
  });

  test('goes through all comments, however many they are', async () => {
    const many = Array.from({ length: 2_345 }, (_, n) => ({ id: n, body: 'hello', minutes: 1_400 - n / 2 }));
    expect((await listing(...many)).comments).toHaveLength(2_345);
  });
});

describe('unanswered', () => {
  const command = { id: 1, body: '/compute 1' };
  const policy = (text: string): LoadedPolicy => {
    const read = readPolicy(`version: 1\n${text}`);
    return { state: 'read', policy: 'policy' in read ? read.policy : defaultPolicy, commit: null };
  };
  const left = async (said: Said[], loaded: LoadedPolicy) => {
    let asked = 0;
    const policies = { load: async () => ((asked += 1), loaded) };
    const found = await findUnanswered(await listing(...said), repository, {
      policies,
      entry: { name: 'action' },
    });
    return { ids: found.map(({ id }) => id), asked };
  };

  test('is what holds a command in the repository’s own grammar, and has no reply', async () => {
    const said = [
      command,
      { id: 2, body: '/lgtm' },
      { id: 3, body: '/cox compute 3' },
      { id: 4, body: '/compute 4' },
      { id: 5, body: replyTo(4), by: 'us', type: 'Bot' },
      { id: 6, body: '/compute 6' },
      { id: 7, body: replyTo(6), by: 'another', type: 'Bot' },
    ];
    expect((await left(said, policy(''))).ids).toEqual([1, 3]);
    const own = policy('prefix: {name: cox, required: true}');
    expect((await left(said, own)).ids).toEqual([3]);
  });

  test('is nothing where the policy names the other entry', async () => {
    expect((await left([command], policy('entry: app'))).ids).toEqual([]);
    expect((await left([command], policy('entry: action'))).ids).toEqual([1]);
  });

  test('asks for no policy if nothing may be a command', async () => {
    expect(await left([{ id: 1, body: 'hello' }], policy(''))).toEqual({ ids: [], asked: 0 });
  });

  test('is told as well that the policy is broken', async () => {
    expect((await left([command], { state: 'broken', mistakes: [], commit: null })).ids).toEqual([1]);
  });
});
