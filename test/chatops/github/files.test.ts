import { describe, expect, test } from '@jest/globals';
import { createOctokitFiles } from '../../../chatops/github/files.ts';
import { serveGitHubApi, type CannedResponse } from '../../fakes/github-api.ts';

const repository = { id: 1, name: 'acme/ops' };
const commit = 'c'.repeat(40);
const tree = (sha: string): string => `GET /repos/acme/ops/git/trees/${sha}`;
const blob = 'GET /repos/acme/ops/git/blobs/b';
const treeOf = (...entries: object[]): CannedResponse => ({
  status: 200,
  body: { truncated: false, tree: entries },
});
const entry = (path: string, size: number, mode = '100644') => ({ path, mode, sha: 'b', size });
const content = (bytes: string | Buffer): CannedResponse => ({
  status: 200,
  body: {
    content: Buffer.from(bytes).toString('base64'),
    encoding: 'base64',
    size: Buffer.byteLength(bytes),
  },
});

/* What stands on the embedded GitHub is tested there; here, what it does not do. */
describe('a file', () => {
  test('that is too large is not asked for', async () => {
    await using github = await serveGitHubApi({
      [tree(commit)]: treeOf(entry('a', 11)),
      [blob]: content('x'.repeat(11)),
    });
    const read = createOctokitFiles(github.octokit).read(repository, 'a', commit, 10);
    await expect(read).resolves.toEqual({ outcome: 'too-large', bytes: 11 });
    expect(github.asked).toEqual([tree(commit)]);
  });

  test.each(['../a', './a', 'a/', '/a', '', '..', 'a/../a', 'a/a'])('%j is no path to it', async (path) => {
    await using github = await serveGitHubApi({
      [tree(commit)]: treeOf(entry('a', 1)),
      [blob]: content('x'),
    });
    await expect(createOctokitFiles(github.octokit).read(repository, path, commit, 10)).resolves.toEqual({
      outcome: 'not-found',
      bytes: null,
    });
    expect(github.asked.filter((call) => call !== tree(commit))).toEqual([]);
  });

  test('in a folder so large that GitHub does not list it whole', async () => {
    const cut = { status: 200, body: { truncated: true, tree: [entry('a', 1)] } };
    await using github = await serveGitHubApi({ [tree(commit)]: cut, [blob]: content('x') });
    const files = createOctokitFiles(github.octokit);
    await expect(files.read(repository, 'a', commit, 10)).resolves.toEqual({ outcome: 'read', text: 'x' });
    await expect(files.read(repository, 'b', commit, 10)).rejects.toThrow('truncated the list of the folder');
  });

  test('whose content is another one than its size says', async () => {
    await using github = await serveGitHubApi({
      [tree(commit)]: treeOf(entry('a', 5)),
      [blob]: content('x'.repeat(50)),
    });
    await expect(createOctokitFiles(github.octokit).read(repository, 'a', commit, 10)).rejects.toThrow(
      'sent 50 bytes of a file of 5',
    );
  });

  test.each([401, 403, 409, 502])('%i is a fault', async (status) => {
    await using github = await serveGitHubApi({ [tree(commit)]: { status } });
    await expect(createOctokitFiles(github.octokit).read(repository, 'a', commit, 10)).rejects.toMatchObject({
      status,
    });
  });
});
