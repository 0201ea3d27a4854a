import { request } from 'node:http';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import {
  createUserClient,
  createInstallationClient,
  createApiClient,
  openTestEmulator,
  signIn,
  createTemporaryFolder,
  readFormToken,
  type ApiAnswer,
  type ApiClient,
} from '../../fixtures/github-emulator.ts';

describe('the pages', () => {
  const { folder, remove } = createTemporaryFolder();
  let emulator: GitHubEmulator;
  let visit: ApiClient;
  let cookie: string;
  let token: string;

  beforeAll(async () => {
    emulator = await openTestEmulator(folder);
    const visitor = createApiClient(emulator);
    cookie = await signIn(emulator);
    visit = (method, path, body, headers) =>
      visitor(method, emulator.url + path, body, { cookie, ...headers });
    token = readFormToken(await visit('GET', '/acme/ops/issues/1'));
  });
  afterAll(async () => {
    await emulator.close();
    remove();
  });

  const send = (
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> =>
    visit('POST', path, String(new URLSearchParams({ token, ...fields })), {
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    });
  const comments = async (issue = 1) =>
    (await createUserClient(emulator, 'read')('GET', `/repos/acme/ops/issues/${issue}/comments?per_page=100`))
      .body as {
      id: number;
      body: string;
      user: { login: string };
    }[];

  test('lead from the root to the issue, and load nothing from elsewhere', async () => {
    const root = await visit('GET', '/');
    expect([root.status, root.headers.get('location')]).toEqual([303, '/acme/ops/issues/1']);
    const { status, headers, text } = await visit('GET', '/acme/ops/issues/1');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'self'; script-src 'self';/,
    );
    const elsewhere = (text.match(/(?:src|href|action)="[^"]*"/g) ?? []).filter(
      (address) => !/="[/#]/.test(address),
    );
    expect(elsewhere).toEqual([]);
    for (const path of [
      '/assets/page.css',
      '/assets/page.js',
      '/assets/logo.svg',
      '/avatars/mona.svg',
      '/avatars/coxswain%5Bbot%5D.svg',
    ]) {
      expect((await visit('GET', path)).status).toBe(200);
    }
  });

  test('show comments with their authors and reactions, and without hidden text', async () => {
    const bot = await createInstallationClient(emulator);
    const posted = await bot('POST', '/repos/acme/ops/issues/1/comments', {
      body: '**Done** <!-- coxswain {"v":1} --><script>alert(1)</script>',
    });
    const { id } = posted.body as { id: number };
    await createUserClient(emulator, 'write')('POST', `/repos/acme/ops/issues/comments/${id}/reactions`, {
      content: 'rocket',
    });
    const { text } = await visit('GET', '/acme/ops/issues/1');
    expect(text).toContain(`id="issuecomment-${id}"`);
    expect(text).toContain('<strong>Done</strong>');
    expect(text).toContain('🚀');
    expect(text).toContain('<span class="badge bot">bot</span>');
    expect(text).not.toMatch(/coxswain \{|alert\(1\)/);
  });

  test('take a comment as anybody by a plain form, and lead back to it', async () => {
    const answer = await send('/acme/ops/issues/1/comments', { as: 'rhea', body: 'one\r\ntwo' });
    const made = (await comments()).at(-1);
    expect(made).toMatchObject({ body: 'one\ntwo', user: { login: 'rhea' } });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      `/acme/ops/issues/1?as=rhea#issuecomment-${made?.id}`,
    ]);
    expect((await visit('GET', '/acme/ops/issues/1?as=rhea')).text).toContain(
      '<option value="rhea" selected>',
    );
  });

  test('edit and delete comments: as their author, and with write access', async () => {
    await send('/acme/ops/issues/1/comments', { as: 'octavia', body: '\n  <b>first & "last"</b>' });
    const id = (await comments()).at(-1)?.id;
    const form = await visit('GET', `/acme/ops/issues/1/comments/${id}/edit`);
    expect(form.text).toContain(
      'maxlength="65536">\n\n  &lt;b&gt;first &amp; &quot;last&quot;&lt;/b&gt;</textarea>',
    );
    const changed = { as: 'octavia', body: 'second' };
    expect((await send(`/acme/ops/issues/1/comments/${id}/edit`, { ...changed, as: 'rhea' })).status).toBe(
      403,
    );
    expect((await send(`/acme/ops/issues/1/comments/${id}/edit`, changed)).status).toBe(303);
    expect((await comments()).at(-1)).toMatchObject({ id, body: 'second', user: { login: 'octavia' } });
    const asked = await visit('GET', `/acme/ops/issues/1/comments/${id}/delete`);
    expect(asked.text).toMatch(/<h1>Delete this comment\?<\/h1>[^]*second[^]*method="post"/);
    expect((await comments()).map((comment) => comment.id)).toContain(id);
    expect((await send(`/acme/ops/issues/1/comments/${id}/delete`, {})).status).toBe(422);
    expect((await send(`/acme/ops/issues/1/comments/${id}/delete`, { as: 'mona' })).status).toBe(303);
    expect((await comments()).map((comment) => comment.id)).not.toContain(id);
    const byBot = (await comments()).find(({ user }) => user.login.endsWith('[bot]'))?.id;
    const edit = `/acme/ops/issues/1/comments/${byBot}/edit`;
    expect((await visit('GET', edit)).text).not.toContain('value="rhea"');
    expect((await send(edit, { as: 'rhea', body: 'not mine' })).status).toBe(403);
    expect((await send(edit, { as: 'tomas', body: 'not mine' })).status).toBe(303);
    expect((await visit('GET', '/acme/ops/issues/1')).text).toMatch(/data-may="mona octavia priya tomas"/);
    expect((await visit('GET', '/acme/ops/issues/1')).text).toContain('>edited</span>');
  });

  test('close, open, lock and unlock an issue, as far as one may', async () => {
    const shown = async () => (await visit('GET', '/acme/ops/issues/1')).text;
    const close = { as: 'mona', state: 'closed' };
    expect((await send('/acme/ops/issues/1/state', { ...close, as: 'rhea' })).status).toBe(403);
    expect((await send('/acme/ops/issues/1/state', close)).status).toBe(303);
    expect(await shown()).toMatch(/<\/svg> Closed<\/span>/);
    await send('/acme/ops/issues/1/state', { as: 'tomas', state: 'open' });
    expect((await send('/acme/ops/issues/1/lock', { as: 'mona', lock: 'on' })).status).toBe(303);
    expect(await shown()).toContain('This conversation is locked');
    expect((await send('/acme/ops/issues/1/comments', { as: 'rhea', body: 'x' })).status).toBe(403);
    expect((await send('/acme/ops/issues/1/comments', { as: 'tomas', body: 'x' })).status).toBe(303);
    expect((await send('/acme/ops/issues/1/lock', { as: 'mona', lock: 'off' })).status).toBe(303);
    expect(await shown()).not.toContain('locked');
  });

  test('show the policy, commit it, and propose it in a pull request with its checks', async () => {
    const path = '/acme/ops/blob/main/.github/coxswain.yml';
    const empty = await visit('GET', path);
    expect(empty.text).toContain('This file does not exist yet');
    const file = { as: 'mona', message: 'Begin', to: 'branch', sha: '', body: 'version: 1\r\n' };
    expect((await send(path, { ...file, as: 'rhea' })).status).toBe(403);
    expect((await send(path, file)).headers.get('location')).toBe(path);
    const { text } = await visit('GET', path);
    expect(text).toMatch(/mona<\/strong> committed “Begin”/);
    expect(text).toContain('\nversion: 1\n</textarea>');
    expect((await send(path, { ...file, body: 'version: 2' })).status).toBe(409);
    const [, sha = ''] = /name="sha" value="([^"]*)"/.exec(text) ?? [];
    const proposed = await send(path, { ...file, sha, to: 'pull', body: 'version: 3\n', message: 'Change' });
    const pull = proposed.headers.get('location') ?? '';
    expect(pull).toMatch(/^\/acme\/ops\/pull\/\d+$/);
    const number = pull.split('/').at(-1);
    const bot = await createInstallationClient(emulator);
    const { body } = await bot('GET', `/repos/acme/ops/pulls/${number}`);
    const { head } = body as { head: { sha: string } };
    const output = { title: 'One mistake', summary: 'Line 1: **3**' };
    const run = { name: 'policy', head_sha: head.sha, conclusion: 'failure', output };
    await bot('POST', '/repos/acme/ops/check-runs', run);
    const page = await visit('GET', pull);
    expect(page.text).toContain('wants to merge mona-patch-1 into main');
    expect(page.text).toMatch(/aria-label="failure"[^]*One mistake[^]*<strong>3<\/strong>/);
    expect((await visit('GET', `/acme/ops/issues/${number}`)).headers.get('location')).toBe(pull);
    expect((await visit('GET', '/acme/ops/pull/1')).status).toBe(404);
    expect((await visit('GET', '/acme/ops/blob/nothing/x')).status).toBe(404);
  });

  test('have one heading of the first level each, and name the product', async () => {
    const { id = 0 } = (await comments()).at(-1) ?? {};
    for (const path of ['', '/1', `/1/comments/${id}/edit`, `/1/comments/${id}/delete`, '/99']) {
      const { text } = await visit('GET', `/acme/ops/issues${path}`);
      expect(text.match(/<h1>/g)).toHaveLength(1);
      expect(text).toMatch(/<title>.+ · acme\/ops · Coxswain<\/title>/);
      expect(text).toMatch(/<img src="\/assets\/logo.svg" [^>]*> Coxswain</);
    }
  });

  test('show the changes of a pull request, take comments on lines and reviews, and merge it', async () => {
    emulator.testControl.push({
      by: 'octavia',
      branch: 'topic',
      path: 'notes.md',
      content: 'one\ntwo <b>\n',
    });
    emulator.testControl.push({
      by: 'octavia',
      branch: 'topic',
      path: 'bytes.bin',
      content: Buffer.from([0, 1]),
    });
    const octavia = createUserClient(emulator, 'write');
    const draft = { title: 'A topic', head: 'topic', base: 'main' };
    const { body: made } = await octavia('POST', '/repos/acme/ops/pulls', draft);
    const page = `/acme/ops/pull/${(made as { number: number }).number}`;
    const shown = async (query = '') => (await visit('GET', page + query)).text;
    const diff = await shown();
    for (const part of [
      'Files changed <span class="badge">2</span>',
      'A binary file.',
      '<span class="sign">+</span>two &lt;b&gt;',
      `href="${page}?file=notes.md&amp;line=2#line-comment"`,
      'This branch has no conflicts with main.',
    ])
      expect(diff).toContain(part);

    expect(await shown('?file=notes.md&line=2')).toContain('Comment on line 2 of notes.md</label>');
    const line = { as: 'rhea', path: 'notes.md', line: '2', body: 'Why **bold**?' };
    const [, comment] =
      /#discussion_r(\d+)$/.exec((await send(`${page}/comments`, line)).headers.get('location') ?? '') ?? [];
    expect(await shown()).toMatch(new RegExp(`id="discussion_r${comment}"[^]*Why <strong>bold</strong>`));
    expect((await send(`${page}/comments`, { ...line, line: '9' })).status).toBe(409);
    expect((await send(`${page}/comments`, { ...line, body: ' ' })).status).toBe(422);
    expect(await shown(`?reply=${comment}`)).toContain(`action="${page}/comments/${comment}/replies"`);
    expect(
      (await send(`${page}/comments/${comment}/replies`, { as: 'octavia', body: 'Because' })).status,
    ).toBe(303);
    expect((await send(`${page}/comments/999/replies`, { as: 'octavia', body: 'x' })).status).toBe(422);
    expect(await shown()).toContain('2 comments</a>');

    const review = { as: 'mona', event: 'approved', body: '' };
    expect((await send(`${page}/reviews`, review)).headers.get('location')).toMatch(
      /#pullrequestreview-\d+$/,
    );
    expect((await send(`${page}/reviews`, { ...review, event: 'commented' })).status).toBe(422);
    expect((await send(`${page}/reviews`, { ...review, as: 'octavia' })).status).toBe(422);
    expect(await shown()).toContain('approved these changes');

    const [, head = ''] = /name="head" value="(\w+)"/.exec(await shown()) ?? [];
    expect((await send(`${page}/merge`, { as: 'rhea', head })).status).toBe(403);
    expect((await send(`${page}/merge`, { as: 'mona', head: 'other' })).status).toBe(409);
    expect((await send(`${page}/merge`, { as: 'mona', head })).status).toBe(303);
    expect((await send(`${page}/merge`, { as: 'mona', head })).status).toBe(409);
    const merged = await shown();
    for (const part of ['Merged</span>', '<strong>mona</strong> merged topic into main', 'Files changed'])
      expect(merged).toContain(part);
    for (const part of ['Reopen', 'Merge pull request', 'id="review"']) expect(merged).not.toContain(part);
    expect(
      (await send(`/acme/ops/issues/${page.split('/').at(-1)}/state`, { as: 'mona', state: 'open' })).status,
    ).toBe(403);
    expect((await visit('GET', '/acme/ops/blob/main/notes.md')).text).toContain('two &lt;b&gt;');
  });

  test('say which files keep a pull request from being merged', async () => {
    emulator.testControl.push({ by: 'octavia', branch: 'fight', path: 'README.md', content: 'ours\n' });
    emulator.testControl.push({ by: 'mona', path: 'README.md', content: 'theirs\n' });
    const draft = { title: 'A fight', head: 'fight', base: 'main' };
    const { body } = await createUserClient(emulator, 'write')('POST', '/repos/acme/ops/pulls', draft);
    const page = `/acme/ops/pull/${(body as { number: number }).number}`;
    const { text } = await visit('GET', page);
    expect(text).toMatch(/This branch has conflicts with main.*<li><code>README.md<\/code>/);
    expect(text).not.toContain('Merge pull request');
    const { body: pull } = await createUserClient(emulator, 'write')(
      'GET',
      `/repos/acme/ops/pulls/${page.split('/').at(-1)}`,
    );
    const { head } = pull as { head: { sha: string } };
    expect((await send(`${page}/merge`, { as: 'mona', head: head.sha })).status).toBe(409);
  });

  test('list the files, and lead to the page that creates one', async () => {
    const files = await visit('GET', '/acme/ops/tree/main');
    expect(files.text).toContain('href="/acme/ops/blob/main/README.md"');
    expect((await visit('GET', '/acme/ops/issues/1')).text).toContain('href="/acme/ops/new/main"');
    const add = await visit('GET', '/acme/ops/new/main?path=data%2Fa+%23b%3F.jsonl');
    const page = '/acme/ops/blob/main/data/a%20%23b%3F.jsonl';
    expect([add.status, add.headers.get('location')]).toEqual([303, page]);
    expect((await visit('GET', page)).text).toContain(`action="${page}"`);
    const file = { as: 'mona', message: 'Add', to: 'branch', sha: '', body: '1\n2\n' };
    expect((await send(page, file)).headers.get('location')).toBe(page);
    expect((await visit('GET', '/acme/ops/tree/main')).text).toContain(`href="${page}"`);
    for (const path of ['../x', '/x', '.git/config', 'a//b'])
      expect((await visit('GET', `/acme/ops/new/main?path=${encodeURIComponent(path)}`)).status).toBe(422);
    expect((await visit('GET', '/acme/ops/tree/nothing')).status).toBe(404);
  });

  test('list the issues, and open further ones', async () => {
    const opened = await send('/acme/ops/issues', { as: 'mona', title: 'A <second> one', body: '' });
    const page = opened.headers.get('location') ?? '';
    expect(page).toMatch(/^\/acme\/ops\/issues\/\d+$/);
    expect((await visit('GET', page)).text).toContain('A &lt;second&gt; one');
    expect((await visit('GET', '/acme/ops/issues')).text).toContain(`href="${page}"`);
  });

  test.each([
    ['no text', '/acme/ops/issues/1/comments', { as: 'mona', body: ' ' }],
    ['nobody of the sandbox', '/acme/ops/issues/1/comments', { as: 'stranger', body: 'x' }],
    ['an app', '/acme/ops/issues/1/comments', { as: 'coxswain[bot]', body: 'x' }],
    ['an issue that is not there', '/acme/ops/issues/99/comments', { as: 'mona', body: 'x' }],
    ['an issue without a title', '/acme/ops/issues', { as: 'mona', title: '', body: 'x' }],
  ])('do not take a form with %s', async (_what, path, fields: Record<string, string>) => {
    const before = (await comments()).length;
    expect((await send(path, fields)).status).toBe(422);
    expect((await comments()).length).toBe(before);
  });

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another origin', { origin: 'https://evil.example' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:9' }],
    ['a page without an origin', { origin: 'null' }],
  ])('do not take a form that %s sends', async (_what, headers: Record<string, string>) => {
    expect((await send('/acme/ops/issues/1/comments', { as: 'mona', body: 'forged' }, headers)).status).toBe(
      403,
    );
    expect((await comments()).map(({ body }) => body)).not.toContain('forged');
  });

  test('refuse a form under a foreign host name that resolves to this machine', async () => {
    const body = `as=mona&body=forged&token=${token}`;
    const status = await new Promise((resolve, reject) => {
      const headers = {
        cookie,
        host: 'evil.example',
        origin: 'http://evil.example',
        'sec-fetch-site': 'same-origin',
        'content-length': body.length,
        connection: 'close',
      };
      const sent = request(
        `${emulator.url}/acme/ops/issues/1/comments`,
        { method: 'POST', headers },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      );
      sent.once('error', reject).end(body);
    });
    expect(status).toBe(403);
  });

  test('say so when there is nothing', async () => {
    for (const path of [
      '/acme/ops/issues/99',
      '/favicon.ico',
      '/acme/ops/issues/1/comments/99/card',
      '/%E0%A4%A',
    ]) {
      expect((await visit('GET', path)).status).toBe(404);
    }
  });
});
