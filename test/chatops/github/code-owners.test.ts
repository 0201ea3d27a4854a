import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createOctokitCodeOwners } from '../../../chatops/github/code-owners.ts';
import type { Octokit } from '../../../chatops/github/api-client.ts';
import { serveGitHubApi, type CannedResponse } from '../../fakes/github-api.ts';

const repository = { id: 1, name: 'acme/ops' };
const commit = 'a'.repeat(40);
const calls = ['.github%2FCODEOWNERS', 'CODEOWNERS', 'docs%2FCODEOWNERS'].map(
  (path) => `GET /repos/acme/ops/contents/${path}`,
);
const [first = '', second = '', third = ''] = calls;
const owning = '/.github/coxswain.yml @acme/ops\n';

const file = (text: string | Buffer, etag?: string, more: object = {}): CannedResponse => ({
  status: 200,
  ...(etag === undefined ? {} : { headers: { etag } }),
  body: {
    type: 'file',
    encoding: 'base64',
    size: Buffer.byteLength(text),
    content: Buffer.from(text).toString('base64').replaceAll(/.{60}/g, '$&\n'),
    ...more,
  },
});

/** What is known of the policy's owners where GitHub answers so, and what was asked. */
const ask = async (answers: Record<string, CannedResponse>, at?: string) => {
  await using github = await serveGitHubApi(answers);
  const owned = await createOctokitCodeOwners(github.octokit).hasPolicyOwner(repository, at);
  return { owned, asked: github.asked };
};

describe('the first CODEOWNERS file that is there decides', () => {
  test.each<[string, Record<string, CannedResponse>, boolean, number]>([
    ['none at all', {}, false, 3],
    ['in .github', { [first]: file(owning), [second]: file('') }, true, 1],
    ['in .github, without an owner', { [first]: file(''), [second]: file(owning) }, false, 1],
    ['at the root', { [second]: file(owning), [third]: file('') }, true, 2],
    ['in docs', { [third]: file(owning) }, true, 3],
    [
      'a folder is none',
      { [first]: { status: 200, body: [{ name: 'a' }] }, [second]: file(owning) },
      true,
      2,
    ],
  ])('%s', async (_what, answers, owned, count) => {
    expect(await ask(answers)).toEqual({ owned, asked: calls.slice(0, count) });
  });

  test('also at a commit', async () => {
    const at = `?ref=${commit}`;
    expect(await ask({ [`${second}${at}`]: file(owning), [first]: file('') }, commit)).toEqual({
      owned: true,
      asked: [`${first}${at}`, `${second}${at}`],
    });
  });
});

describe('nothing is known', () => {
  test.each<[string, CannedResponse]>([
    ['403', { status: 403 }],
    ['429', { status: 429, headers: { 'retry-after': '60' } }],
    ['500', { status: 500 }],
    ['502', { status: 502 }],
    ['an answer of another form', { status: 200, body: { type: 'file' } }],
    ['a file that is too large', file('x', undefined, { size: 300_000 })],
    ['a larger one than it says', file('x'.repeat(300_000), undefined, { size: 1 })],
    ['a file without its content', file(owning, undefined, { encoding: 'none', content: '' })],
    ['a submodule', file('', undefined, { type: 'submodule' })],
    ['a link to nowhere', file('', undefined, { type: 'symlink' })],
    ['bytes that are no text', file(Buffer.from([0xff, 0xfe, 0x2a]))],
  ])('%s', async (_what, answer) => {
    expect(await ask({ [first]: answer, [second]: file(owning) })).toEqual({
      owned: undefined,
      asked: [first],
    });
  });
});

test('an unchanged file costs a conditional request, a changed one is read again', async () => {
  await using github = await serveGitHubApi({ [first]: file(owning, '"1"') });
  const owners = createOctokitCodeOwners(github.octokit);
  const ask3 = [await owners.hasPolicyOwner(repository), await owners.hasPolicyOwner(repository)];
  github.answers[first] = file('', '"2"');
  ask3.push(await owners.hasPolicyOwner(repository));
  delete github.answers[first];
  ask3.push(await owners.hasPolicyOwner(repository));
  expect(ask3).toEqual([true, true, false, false]);
  const gone = [`${first} unless "2"`, second, third];
  expect(github.asked).toEqual([first, `${first} unless "1"`, `${first} unless "1"`, ...gone]);
  // What was known of it once is forgotten, and of another repository nothing was known.
  github.answers[first] = file(owning, '"2"');
  expect(await owners.hasPolicyOwner(repository)).toBe(true);
  expect(await owners.hasPolicyOwner({ id: 2, name: 'acme/ops' })).toBe(true);
  expect(github.asked.slice(6)).toEqual([first, first]);
});

describe('a slow answer', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  test('is not waited for, and its request is ended', async () => {
    jest.useFakeTimers();
    const signals: AbortSignal[] = [];
    const octokit: Octokit = {
      request: (_route, parameters = {}) => {
        const { signal } = parameters['request'] as { signal: AbortSignal };
        signals.push(signal);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
      },
    };
    const owned = createOctokitCodeOwners(octokit).hasPolicyOwner(repository);
    await jest.advanceTimersByTimeAsync(1_999);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    await jest.advanceTimersByTimeAsync(1);
    await expect(owned).resolves.toBeUndefined();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('also if the call never ends', async () => {
    jest.useFakeTimers();
    const owned = createOctokitCodeOwners({ request: () => new Promise(() => {}) }).hasPolicyOwner(
      repository,
    );
    await jest.advanceTimersByTimeAsync(2_000);
    await expect(owned).resolves.toBeUndefined();
  });
});
