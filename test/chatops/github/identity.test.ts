import { describe, expect, test } from '@jest/globals';
import { createAppIdentity } from '../../../chatops/github/identity.ts';
import { createHttpError, createFakeOctokit } from '../../fakes/octokit.ts';

const slug = () => ({ slug: 'coxswain' });
const user = (login: string, type = 'Bot') => ({ id: 1, login, type });

describe('a comment is ours', () => {
  test.each([
    [
      'by our bot through our app',
      { user: user('coxswain[bot]'), performed_via_github_app: { id: 7 } },
      true,
    ],
    ['by our bot, where the app is not told', { user: user('coxswain[bot]') }, true],
    ['by another bot', { user: user('dependabot[bot]') }, false],
    ['by another app’s bot', { user: user('other[bot]'), performed_via_github_app: { id: 8 } }, false],
    [
      'by a person through our app',
      { user: user('mona', 'User'), performed_via_github_app: { id: 7 } },
      false,
    ],
    ['by a person of that name', { user: user('coxswain', 'User') }, false],
    ['by somebody whose account is gone', { user: null }, false],
  ])('%s', async (_what, comment, expected) => {
    const identity = createAppIdentity(7, createFakeOctokit({ 'GET /app': slug }));
    await expect(identity.isOwn(comment)).resolves.toBe(expected);
  });
});

test('the app is asked once, and again after a fault', async () => {
  let faults = 1;
  const octokit = createFakeOctokit({
    'GET /app': () => {
      if (faults-- > 0) throw createHttpError(502, 'Bad Gateway');
      return slug();
    },
  });
  const identity = createAppIdentity(7, octokit);
  await expect(identity.isOwn({ user: user('coxswain[bot]') })).rejects.toThrow('Bad Gateway');
  await expect(identity.isOwn({ user: user('coxswain[bot]') })).resolves.toBe(true);
  await expect(identity.isOwn({ user: user('coxswain[bot]') })).resolves.toBe(true);
  expect(octokit.calls).toHaveLength(2);
});
