import { describe, expect, test } from '@jest/globals';
import examples from '@octokit/webhooks-examples' with { type: 'json' };
import { readComment, WrongPayload } from '../../../bot/server/comment.ts';

type Example = { comment: object; issue: object; action: string };

const us = { app: 7, host: 'github.com' };
const all =
  (examples as unknown as { name: string; examples: Example[] }[]).find(
    ({ name }) => name === 'issue_comment',
  )?.examples ?? [];
const created = all.find(({ action }) => action === 'created') as Example;
const installed = { ...created, installation: { id: 3 } };
const withComment = (more: object) => ({ ...installed, comment: { ...created.comment, ...more } });

test('a comment as GitHub sends it', () => {
  expect(readComment(installed, us)).toEqual({
    host: 'github.com',
    thread: { repository: { id: 186853002, name: 'Codertocat/Hello-World' }, number: 1, kind: 'issue' },
    comment: {
      id: 492700400,
      createdAt: '2019-05-15T15:20:21Z',
      body: "You are totally right! I'll get this fixed right away.",
    },
    author: { id: 21031067, login: 'Codertocat' },
    installation: 3,
  });
});

test('one on a pull request', () => {
  const pull = {
    ...installed,
    issue: { ...created.issue, pull_request: { url: 'https://api.github.com/…' } },
  };
  expect(readComment(pull, us)).toMatchObject({ thread: { kind: 'pull-request' } });
});

test.each(all.map((example, n) => [n, example] as const))('example %i is read', (_n, example) => {
  expect(readComment({ ...example, installation: { id: 3 } }, us)).toMatchObject({ installation: 3 });
});

describe('nobody listens to', () => {
  test.each([
    [
      'us',
      { user: { id: 1, login: 'coxswain[bot]', type: 'Bot' }, performed_via_github_app: { id: 7 } },
      'by-us',
    ],
    ['another bot', { user: { id: 2, login: 'dependabot[bot]', type: 'Bot' } }, 'by-a-bot'],
    ['a person’s program', { performed_via_github_app: { id: 8 } }, 'by-a-bot'],
    ['a person through our app', { performed_via_github_app: { id: 7 } }, 'by-us'],
    ['an account that is gone', { user: null }, 'by-nobody'],
  ])('%s', (_who, more, expected) => {
    expect(readComment(withComment(more), us)).toBe(expected);
  });

  test('a thread where the app is not installed', () => {
    expect(readComment({ ...created, installation: undefined }, us)).toBe('no-installation');
  });
});

describe('a wrong payload is refused', () => {
  test.each([
    ['null', null],
    ['empty', {}],
    ['an id that is text', withComment({ id: '9' })],
    ['a repository without owner', { ...installed, repository: { id: 1, full_name: 'ops' } }],
  ])('%s', (_what, payload) => {
    expect(() => readComment(payload, us)).toThrow(WrongPayload);
  });
});
