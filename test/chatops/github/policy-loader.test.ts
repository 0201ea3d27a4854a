import { describe, expect, test } from '@jest/globals';
import { createPolicyLoader } from '../../../chatops/github/policy-loader.ts';
import { defaultPolicy, readPolicy } from '../../../chatops/policy/index.ts';
import { serveGitHubApi, type CannedResponse } from '../../fakes/github-api.ts';

const repository = { id: 1, name: 'acme/ops' };
const contents = 'GET /repos/acme/ops/contents/.github%2Fcoxswain.yml';
const commits = 'GET /repos/acme/ops/commits?path=.github%2Fcoxswain.yml&per_page=1';
const anyCommit = 'GET /repos/acme/ops/commits?per_page=1';
const sha = 'c'.repeat(40);

const commit: CannedResponse = { status: 200, body: [{ sha }] };
const file = (text: string | Buffer, etag = '"1"', more: object = {}): CannedResponse => ({
  status: 200,
  headers: { etag },
  body: {
    type: 'file',
    encoding: 'base64',
    size: Buffer.byteLength(text),
    content: Buffer.from(text).toString('base64').replaceAll(/.{60}/g, '$&\n'),
    ...more,
  },
});

describe('the policy of the default branch', () => {
  test('is read, and kept for as long as GitHub says that it is the same', async () => {
    await using github = await serveGitHubApi({
      [contents]: file('version: 1\nchecks: true'),
      [commits]: commit,
    });
    const policies = createPolicyLoader(github.octokit);
    const first = await policies.load(repository);
    expect(first).toMatchObject({ state: 'read', policy: { checks: true }, commit: sha });
    await expect(policies.load(repository)).resolves.toBe(first);
    expect(github.asked).toEqual([contents, commits, `${contents} unless "1"`]);
  });

  test('is read again after it has changed', async () => {
    await using github = await serveGitHubApi({ [contents]: file('version: 1'), [commits]: commit });
    const policies = createPolicyLoader(github.octokit);
    await policies.load(repository);
    github.answers[contents] = file('version: 1\nchecks: true', '"2"');
    github.answers[commits] = { status: 200, body: [{ sha: 'd'.repeat(40) }] };
    await expect(policies.load(repository)).resolves.toMatchObject({
      policy: { checks: true },
      commit: 'd'.repeat(40),
    });
  });

  test('is read again a minute after a limit of time ended its reading, and kept once it was read', async () => {
    await using github = await serveGitHubApi({ [contents]: file('version: 1'), [commits]: commit });
    const mistake = { line: 1, column: 1, path: '', message: 'slow', expected: null, received: null };
    const reads: string[] = [];
    const clock = { now: 1_000 };
    const policies = createPolicyLoader(
      github.octokit,
      async (text) => {
        reads.push(text);
        return reads.length === 1 ? { mistakes: [mistake], isUnfinished: true } : readPolicy(text);
      },
      () => clock.now,
    );
    const broken = { state: 'broken', mistakes: [mistake], commit: sha };
    await expect(policies.load(repository)).resolves.toEqual(broken);
    clock.now += 59_999;
    await expect(policies.load(repository)).resolves.toEqual(broken);
    expect(reads).toHaveLength(1);
    clock.now += 1;
    await expect(policies.load(repository)).resolves.toMatchObject({ state: 'read' });
    clock.now += 86_400_000;
    await expect(policies.load(repository)).resolves.toMatchObject({ state: 'read' });
    expect(reads).toEqual(['version: 1', 'version: 1']);
    const unless = `${contents} unless "1"`;
    expect(github.asked).toEqual([contents, commits, unless, contents, commits, unless]);
  });

  test('is read at once if it has changed since a limit of time ended its reading', async () => {
    await using github = await serveGitHubApi({ [contents]: file('version: 1 # slow'), [commits]: commit });
    const mistake = { line: 1, column: 1, path: '', message: 'slow', expected: null, received: null };
    const policies = createPolicyLoader(
      github.octokit,
      async (text) =>
        text.endsWith('slow') ? { mistakes: [mistake], isUnfinished: true } : readPolicy(text),
      () => 1_000,
    );
    await expect(policies.load(repository)).resolves.toMatchObject({ state: 'broken' });
    github.answers[contents] = file('version: 1', '"2"');
    await expect(policies.load(repository)).resolves.toMatchObject({ state: 'read' });
  });

  test('is gone once the file is deleted, and another repository has its own', async () => {
    await using github = await serveGitHubApi({
      [contents]: file('version: 1\nchecks: true'),
      [commits]: commit,
      [anyCommit]: commit,
    });
    const policies = createPolicyLoader(github.octokit);
    await policies.load(repository);
    delete github.answers[contents];
    await expect(policies.load(repository)).resolves.toEqual({
      state: 'none',
      policy: defaultPolicy,
      commit: null,
    });
    await expect(policies.load(repository)).resolves.toMatchObject({ state: 'none' });
    expect(github.asked.filter((call) => call === anyCommit)).toHaveLength(1);
    await expect(policies.load({ id: 2, name: 'acme/other' })).rejects.toThrow('cannot be read');
  });
});

test('an empty repository has none', async () => {
  const empty = { status: 409, body: { message: 'Git Repository is empty.' } };
  await using github = await serveGitHubApi({ [anyCommit]: empty });
  await expect(createPolicyLoader(github.octokit).load(repository)).resolves.toMatchObject({ state: 'none' });
});

describe('a failed request is an error, never "no policy"', () => {
  test('a 404 for a credential that cannot read the files', async () => {
    await using github = await serveGitHubApi({});
    await expect(createPolicyLoader(github.octokit).load(repository)).rejects.toThrow(
      'The files of acme/ops cannot be read',
    );
  });

  test.each([401, 403, 429, 500, 502])('%i', async (status) => {
    await using github = await serveGitHubApi({ [contents]: { status }, [anyCommit]: commit });
    await expect(createPolicyLoader(github.octokit).load(repository)).rejects.toMatchObject({ status });
  });

  test('then a cached policy is not used either', async () => {
    await using github = await serveGitHubApi({ [contents]: file('version: 1'), [commits]: commit });
    const policies = createPolicyLoader(github.octokit);
    await policies.load(repository);
    github.answers[contents] = { status: 503 };
    await expect(policies.load(repository)).rejects.toMatchObject({ status: 503 });
  });

  test('its commit is unknown', async () => {
    await using github = await serveGitHubApi({ [contents]: file('version: 1'), [commits]: { status: 500 } });
    await expect(createPolicyLoader(github.octokit).load(repository)).rejects.toMatchObject({ status: 500 });
  });

  test('a file without its content', async () => {
    const answer = file('version: 1', '"1"', { encoding: 'none', content: '' });
    await using github = await serveGitHubApi({ [contents]: answer, [commits]: commit });
    await expect(createPolicyLoader(github.octokit).load(repository)).rejects.toThrow('without its content');
  });
});

describe('a broken file', () => {
  test.each<[string, CannedResponse, string]>([
    ['mistakes', file('version: 1\ntaks: {}'), 'Unknown key taks; perhaps you meant tasks'],
    ['too large', file('x', '"1"', { size: 65_537, encoding: 'none', content: '' }), 'The file is too large'],
    ['not UTF-8', file(Buffer.from([0xff, 0xfe, 0x41])), 'The file is not text'],
    ['binary', file('version: 1\0'), 'The file is not text'],
    ['a folder', { status: 200, headers: { etag: '"1"' }, body: [{ name: 'a' }] }, 'This is a folder'],
    ['a submodule', file('', '"1"', { type: 'submodule' }), 'This is a submodule'],
    ['a link to nowhere', file('', '"1"', { type: 'symlink' }), 'This is a symlink'],
  ])('%s', async (_what, answer, message) => {
    await using github = await serveGitHubApi({ [contents]: answer, [commits]: commit });
    await expect(createPolicyLoader(github.octokit).load(repository)).resolves.toMatchObject({
      state: 'broken',
      mistakes: [{ message }],
      commit: sha,
    });
  });
});
