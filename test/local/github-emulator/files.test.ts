import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { findSchemaFaults } from '../../fixtures/github/schemas.ts';
import {
  createUserClient,
  createInstallationClient,
  openTestEmulator,
  createTemporaryFolder,
  type ApiAnswer,
  type ApiClient,
} from '../../fixtures/github-emulator.ts';

type File = { sha: string; path: string; type: string; size: number; content: string; encoding: string };
type Written = { content: File; commit: { sha: string } };
type Commit = { sha: string; commit: { message: string }; files: { filename: string; status: string }[] };

const base = '/repos/acme/ops';
const contents = `${base}/contents`;
const policy = `${contents}/.github/coxswain.yml`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const textOf = (answer: ApiAnswer): string => Buffer.from((answer.body as File).content, 'base64').toString();

describe('the files of the sandbox', () => {
  const { folder, remove } = createTemporaryFolder();
  let emulator: GitHubEmulator;
  let mona: ApiClient;
  let rhea: ApiClient;
  let bot: ApiClient;

  beforeAll(async () => {
    emulator = await openTestEmulator(folder);
    mona = createUserClient(emulator, 'maintain');
    rhea = createUserClient(emulator, 'read');
    bot = await createInstallationClient(emulator);
  });
  afterAll(async () => {
    await emulator.close();
    remove();
  });

  const headOf = async (branch: string): Promise<string> =>
    ((await bot('GET', `${base}/git/ref/heads/${branch}`)).body as { object: { sha: string } }).object.sha;
  const branchOff = async (branch: string): Promise<void> => {
    const sha = await headOf('main');
    const made = await mona('POST', `${base}/git/refs`, { ref: `refs/heads/${branch}`, sha });
    expect([made.status, findSchemaFaults(made.body, 'git-ref')]).toEqual([201, []]);
  };
  const write = async (path: string, text: string, more: object = {}): Promise<Written> => {
    const message = `Write ${path}`;
    const answer = await mona('PUT', `${contents}/${path}`, { message, content: base64(text), ...more });
    expect([answer.status, findSchemaFaults(answer.body, 'file-commit')]).toEqual([answer.status, []]);
    return answer.body as Written;
  };

  test('begin with a README, and no policy', async () => {
    expect(textOf(await bot('GET', `${contents}/README.md`))).toMatch(/^# acme\/ops\n/);
    expect((await bot('GET', policy)).status).toBe(404);
    expect((await bot('GET', `${base}/commits?path=.github/coxswain.yml`)).body).toEqual([]);
  });

  test('are written with a commit, have an ETag, and are changed only with their current sha', async () => {
    const made = await mona('PUT', policy, { message: 'Begin a policy', content: base64('version: 1\n') });
    expect([made.status, findSchemaFaults(made.body, 'file-commit')]).toEqual([201, []]);
    const { content, commit } = made.body as Written;
    const read = await bot('GET', policy);
    expect([findSchemaFaults(read.body, 'content-file'), textOf(read)]).toEqual([[], 'version: 1\n']);
    const tag = read.headers.get('etag') ?? '';
    expect((await bot('GET', policy, undefined, { 'if-none-match': tag })).status).toBe(304);
    expect(await headOf('main')).toBe(commit.sha);

    const change = { message: 'Change it', content: base64('version: 1\nnotify: {when: never}\n') };
    expect((await mona('PUT', policy, change)).status).toBe(422);
    expect((await mona('PUT', policy, { ...change, sha: '0'.repeat(40) })).status).toBe(409);
    expect((await mona('PUT', policy, { ...change, sha: content.sha })).status).toBe(200);
    expect((await bot('GET', policy, undefined, { 'if-none-match': tag })).status).toBe(200);
    expect(textOf(await bot('GET', `${policy}?ref=${commit.sha}`))).toBe('version: 1\n');

    const commits = await bot('GET', `${base}/commits?path=.github/coxswain.yml&per_page=1`);
    expect((commits.body as Commit[]).map((one) => one.commit.message)).toEqual(['Change it']);
    expect((commits.body as object[]).flatMap((one) => findSchemaFaults(one, 'commit'))).toEqual([]);
    const listTag = commits.headers.get('etag') ?? '';
    const again = `${base}/commits?path=.github/coxswain.yml&per_page=1`;
    await write('elsewhere.txt', 'x');
    expect((await bot('GET', again, undefined, { 'if-none-match': listTag })).status).toBe(304);
  });

  test('are sent as raw content on request, with or without an escaped path', async () => {
    await write('inputs/a b.jsonl', '{"n":1}\n');
    const accept = 'application/vnd.github.raw+json';
    for (const path of ['inputs/a%20b.jsonl', 'inputs%2Fa%20b.jsonl']) {
      const { text, headers } = await bot('GET', `${contents}/${path}`, undefined, { accept });
      expect([text, headers.get('content-type')]).toEqual(['{"n":1}\n', `${accept}; charset=utf-8`]);
      const tag = headers.get('etag') ?? '';
      const again = await bot('GET', `${contents}/${path}`, undefined, { accept, 'if-none-match': tag });
      expect(again.status).toBe(304);
    }
  });

  test('that are large are returned without content, unless as raw content', async () => {
    const text = 'x'.repeat(1024 * 1024 + 1);
    const { content } = await write('large.txt', text);
    const read = (await bot('GET', `${contents}/large.txt`)).body as File;
    expect([read.size, read.encoding, read.content]).toEqual([text.length, 'none', '']);
    const blob = await bot('GET', `${base}/git/blobs/${content.sha}`);
    expect([findSchemaFaults(blob.body, 'blob'), textOf(blob) === text]).toEqual([[], true]);
    expect(
      (await bot('GET', `${contents}/large.txt`, undefined, { accept: 'application/vnd.github.raw' })).text,
    ).toBe(text);
  });

  test('are deleted, and their empty folder with them', async () => {
    const { content } = await write('gone/soon.txt', 'x');
    const deletion = { message: 'Delete', sha: content.sha };
    const deleted = await mona('DELETE', `${contents}/gone/soon.txt`, deletion);
    expect([deleted.status, findSchemaFaults(deleted.body, 'file-commit')]).toEqual([200, []]);
    expect((await mona('GET', `${contents}/gone`)).status).toBe(404);
    expect((await mona('DELETE', `${contents}/gone/soon.txt`, { message: 'Delete' })).status).toBe(404);
  });

  test('live on branches, which have commits of their own', async () => {
    await branchOff('try/it');
    await write('tried.txt', 'x', { branch: 'try/it' });
    expect((await bot('GET', `${contents}/tried.txt`)).status).toBe(404);
    expect((await bot('GET', `${contents}/tried.txt?ref=try/it`)).status).toBe(200);
    const commit = await bot('GET', `${base}/commits/try%2Fit`);
    expect(findSchemaFaults(commit.body, 'commit')).toEqual([]);
    expect(commit.body).toMatchObject({ files: [{ filename: 'tried.txt', status: 'added' }] });
    const name = await bot('GET', `${base}/commits/try/it`, undefined, {
      accept: 'application/vnd.github.sha',
    });
    expect(name.text).toBe(await headOf('try/it'));
    const head = (await bot('GET', `${base}/commits/HEAD`)).body as Commit;
    expect(head.sha).toBe(await headOf('main'));
    expect((await bot('GET', `${base}/commits/${head.sha.slice(0, 10)}`)).body).toMatchObject({
      sha: head.sha,
    });
    expect(findSchemaFaults((await bot('GET', `${base}/git/ref/heads/try/it`)).body, 'git-ref')).toEqual([]);
    expect((await bot('GET', `${base}/git/ref/heads/nothing`)).status).toBe(404);
    expect((await bot('GET', `${base}/commits/${'0'.repeat(40)}`)).status).toBe(422);
    const again = { ref: 'refs/heads/try/it', sha: await headOf('main') };
    expect((await mona('POST', `${base}/git/refs`, again)).status).toBe(422);
  });

  test('are not all files: folders, links, submodules', async () => {
    await branchOff('links');
    const push = (path: string, content: Parameters<GitHubEmulator['testControl']['push']>[0]['content']) =>
      emulator.testControl.push({ by: 'mona', branch: 'links', path, content });
    push('data/inputs.jsonl', '1\n');
    push('data/to-file', { link: '../data/inputs.jsonl' });
    push('data/to-nowhere', { link: '/etc/passwd' });
    push('data/module', { submodule: 'a'.repeat(40) });
    const read = async (path: string) => (await bot('GET', `${contents}/${path}?ref=links`)).body as File;
    const listed = (await bot('GET', `${contents}/data?ref=links`)).body as File[];
    expect(findSchemaFaults(listed, 'content-directory')).toEqual([]);
    expect(listed.map(({ path, type }) => [path, type])).toEqual([
      ['data/inputs.jsonl', 'file'],
      ['data/module', 'file'],
      ['data/to-file', 'symlink'],
      ['data/to-nowhere', 'symlink'],
    ]);
    // As on GitHub, a link to a file is returned as that file; only the tree distinguishes them.
    expect(await read('data/to-file')).toMatchObject({ type: 'file', size: 2 });
    const dangling = await read('data/to-nowhere');
    expect([dangling.type, findSchemaFaults(dangling, 'content-symlink')]).toEqual(['symlink', []]);
    const submodule = await read('data/module');
    expect([submodule.type, findSchemaFaults(submodule, 'content-submodule')]).toEqual(['submodule', []]);
    const tree = await bot('GET', `${base}/git/trees/links?recursive=1`);
    expect(findSchemaFaults(tree.body, 'git-tree')).toEqual([]);
    const modes = (tree.body as { tree: { path: string; mode: string }[] }).tree;
    expect(modes.filter(({ path }) => path.startsWith('data'))).toMatchObject([
      { path: 'data', mode: '040000' },
      { path: 'data/inputs.jsonl', mode: '100644' },
      { path: 'data/module', mode: '160000' },
      { path: 'data/to-file', mode: '120000' },
      { path: 'data/to-nowhere', mode: '120000' },
    ]);
  });

  test('are changed only with write access, at paths that git accepts', async () => {
    const body = { message: 'no', content: base64('x') };
    expect((await rhea('PUT', `${contents}/no.txt`, body)).status).toBe(403);
    expect((await bot('PUT', `${contents}/no.txt`, body)).status).toBe(403);
    expect((await mona('PUT', `${contents}/no.txt`, { message: 'no' })).status).toBe(422);
    expect((await mona('PUT', `${contents}/no.txt`, { ...body, branch: 'nothing' })).status).toBe(404);
    for (const path of ['..%2Fno.txt', 'a%2F%2Fb', '.git%2Fconfig'])
      expect((await mona('PUT', `${contents}/${path}`, body)).status).toBe(422);
  });
});

test('files are there again after a restart', async () => {
  const { folder, remove } = createTemporaryFolder();
  const first = await openTestEmulator(folder);
  const sha = first.testControl.push({ by: 'octavia', path: 'kept.txt', content: 'kept' });
  await first.close();
  const second = await openTestEmulator(folder);
  const commits = (await createUserClient(second, 'read')('GET', `${base}/commits`)).body as Commit[];
  expect(commits.map((commit) => commit.sha)).toEqual([sha, expect.any(String)]);
  await second.close();
  remove();
});
