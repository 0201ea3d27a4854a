import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { jobStates } from '../../../contracts/job.ts';
import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import {
  createApiClient,
  createInstallationClient,
  createTemporaryFolder,
  createUserClient,
  openTestEmulator,
  signIn,
  waitFor,
  type ApiAnswer,
} from '../../fixtures/github-emulator.ts';
import { createTestJob, createTestJobs } from '../../fixtures/test-jobs.ts';

describe('the pages of jobs', () => {
  const { folder, remove } = createTemporaryFolder();
  const source = createTestJobs();
  let emulator: GitHubEmulator;
  let cookie: string;
  let repository: number;

  beforeAll(async () => {
    emulator = await openTestEmulator(folder, undefined, {
      jobs: source,
      pictureOrigin: 'http://127.0.0.1:9',
    });
    cookie = await signIn(emulator);
    const { body } = await createUserClient(emulator, 'read')('GET', '/repos/acme/ops');
    repository = (body as { id: number }).id;
    source.jobs = Array.from({ length: 60 }, (_, n) => createTestJob(60 - n, repository));
  });
  afterAll(async () => {
    await emulator.close();
    remove();
  });

  const visit = (path: string, headers: Record<string, string> = { cookie }): Promise<ApiAnswer> =>
    createApiClient(emulator)('GET', `${emulator.url}/acme/ops/jobs${path}`, undefined, headers);
  const listed = ({ text }: ApiAnswer): number[] =>
    [...text.matchAll(/person-(\d+)<\/code>/g)].map(([, number]) => Number(number));
  const idOf = (number: number): string => createTestJob(number, repository).id;

  test('list all jobs, newest first, in pages', async () => {
    const first = await visit('');
    expect(listed(first)).toEqual(Array.from({ length: 25 }, (_, n) => 60 - n));
    const [, next = ''] = /href="\/acme\/ops\/jobs(\?[^"]*)" rel="next"/.exec(first.text) ?? [];
    const second = await visit(next.replaceAll('&amp;', '&'));
    expect(listed(second)).toEqual(Array.from({ length: 25 }, (_, n) => 35 - n));
    expect(second.text).toContain('Newest jobs');
  });

  test.each([
    ['a person', '?by=@Mona&text=person-4', [48, 46, 44, 42, 40, 4]],
    ['a text, as several words', '?text=HELLO+person-17', [17]],
    ['an id', `?text=${'3c'.padStart(32, '0')}`, [60]],
    ['a kind', '?kind=compute', []],
    ['a state', '?state=active', []],
    ['a thread', '?thread=2', []],
    ['nothing, if the filters are invalid', '?state=bad&kind=bad&thread=x&text=person-60', [60]],
  ])('filter by %s', async (_what, query, expected) => {
    const page = await visit(query);
    expect([page.status, listed(page)]).toEqual([200, expected]);
  });

  test('filter by every state, and show a rejected job as rejected', async () => {
    const before = source.jobs;
    source.jobs = jobStates.map((state, n) => createTestJob(n, repository, { state }));
    for (const [number, state] of jobStates.entries())
      expect(listed(await visit(`?state=${state}`))).toEqual([number]);
    expect(listed(await visit('?state=active'))).toEqual([0, 1, 2]);
    expect(listed(await visit('?state=ended'))).toEqual([3, 4, 5, 6, 7]);
    source.jobs = [createTestJob(1, repository, { state: 'canceled', reason: 'rejected' })];
    const { text } = await visit('/rows');
    expect(text).toContain('rejected</span>');
    expect(text).not.toContain('canceled</span>');
    source.jobs = before;
  });

  test('keep the filters in the form, escaped', async () => {
    const { text } = await visit('?text=%22%3E%3Cscript%3E&by=mona&state=ended');
    expect(text).toContain('name="text" value="&quot;&gt;&lt;script&gt;"');
    expect(text).toContain('<option value="ended" selected>');
    expect(text).not.toContain('<script>');
  });

  test('link a job to its reply, and the reply to its job', async () => {
    const bot = await createInstallationClient(emulator);
    const body = `<!-- coxswain:section 0 0123abcd ${idOf(60)} running 0123abcd -->\n🚣 \`/run Hello\` is running.\n\n<!-- coxswain {} -->`;
    const { body: reply } = await bot('POST', '/repos/acme/ops/issues/1/comments', { body });
    const path = `/acme/ops/issues/1#issuecomment-${(reply as { id: number }).id}`;
    expect((await visit('?text=person-60')).text).toContain(`href="${path}"`);
    expect((await visit(`/${idOf(60)}`)).text).toContain(`href="${path}"`);
    await createUserClient(emulator, 'write')('POST', '/repos/acme/ops/issues/1/comments', { body });
    const thread = await visit('/../issues/1');
    expect(thread.text.match(/Follow the log/g)).toHaveLength(1);
    expect(thread.text).toContain(`href="/acme/ops/jobs/${idOf(60)}#log"`);
  });

  test('show a job with its request, its files and the end of its log', async () => {
    const delivered = ['http://127.0.0.1:9/x', 'http://127.0.0.1:90/x'].map((url) => ({
      name: 'plot.png',
      bytes: 2_048,
      type: 'image/png',
      sha256: 'a',
      path: 'x',
      url,
    }));
    source.jobs[0] = createTestJob(60, repository, {
      files: {
        delivered,
        omitted: [{ name: '<b>bad', bytes: 7, reason: 'bad-name' }],
        omittedCount: 1,
        summary: '# <img src=x> @mona',
        tables: [{ name: 'a.csv', header: ['<i>'], rows: [['1']], truncated: true }],
      },
    });
    source.logs.set(idOf(60), { text: 'one\n<two>\n', hasEnded: true });
    const { status, text, headers } = await visit(`/${idOf(60)}`);
    expect(status).toBe(200);
    for (const part of [
      '<dt>who</dt><dd><code>person-60</code>',
      '>plot.png</a></td><td>2 KiB</td>',
      '&lt;b&gt;bad</code> (7 bytes): bad name',
      '# &lt;img src=x&gt; @mona',
      '<th scope="col">&lt;i&gt;</th>',
      'data-offset="10">one\n&lt;two&gt;\n</pre>',
    ])
      expect(text).toContain(part);
    expect(text).toContain('<img class="picture" src="http://127.0.0.1:9/x" alt="plot.png">');
    // Pictures come from the storage only.
    expect(text.match(/class="picture"/g)).toHaveLength(1);
    expect(headers.get('content-security-policy')).toContain("; img-src 'self' http://127.0.0.1:9; ");
  });

  test('do not show jobs of other repositories, and what is no job', async () => {
    source.jobs.push(createTestJob(99, repository + 1));
    for (const path of [
      `/${idOf(99)}`,
      `/${idOf(98)}`,
      `/${idOf(99)}/overview`,
      `/${idOf(99)}/log`,
      '/nothing',
    ])
      expect((await visit(path)).status).toBe(404);
    expect((await visit('?text=person-99')).text).toContain('No job matches these filters.');
  });

  test('need a session', async () => {
    for (const path of ['', '/rows', `/${idOf(60)}`, `/${idOf(60)}/overview`, `/${idOf(60)}/log?offset=0`])
      expect((await visit(path, {})).status).toBe(403);
  });

  test('send a log from an offset on, line by line as it grows, until it ends', async () => {
    source.logs.set(idOf(59), { text: 'one\ntwo\n', hasEnded: false });
    const response = await fetch(`${emulator.url}/acme/ops/jobs/${idOf(59)}/log?offset=4`, {
      headers: { cookie, connection: 'close' },
    });
    const received: unknown[] = [];
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      received.push(...lines.map((line) => JSON.parse(line) as unknown));
      if (received.length === 1) source.logs.set(idOf(59), { text: 'one\ntwo\nthree\n', hasEnded: true });
    }
    expect(received).toEqual([{ text: 'two\n', offset: 8 }, { text: 'three\n', offset: 14 }, { end: true }]);
    expect(source.followers).toBe(0);
  });

  test('stop to follow a log when the page is closed', async () => {
    source.logs.set(idOf(58), { text: 'one\n', hasEnded: false });
    const closed = new AbortController();
    await fetch(`${emulator.url}/acme/ops/jobs/${idOf(58)}/log`, {
      headers: { cookie },
      signal: closed.signal,
    });
    expect(source.followers).toBe(1);
    closed.abort();
    await waitFor(async () => (source.followers === 0 ? true : undefined));
  });

  test('say so while the orchestrator does not answer', async () => {
    source.isDown = true;
    for (const path of ['', `/${idOf(60)}`]) {
      const { status, text } = await visit(path);
      expect([status, text.includes('The orchestrator does not answer')]).toEqual([503, true]);
    }
    expect((await visit(`/${idOf(60)}/log`)).status).toBe(503);
    source.isDown = false;
  });

  test('do not exist without an orchestrator', async () => {
    const other = createTemporaryFolder();
    const alone = await openTestEmulator(other.folder);
    const headers = { cookie: await signIn(alone) };
    const see = (path: string) => createApiClient(alone)('GET', `${alone.url}${path}`, undefined, headers);
    expect((await see('/acme/ops/jobs')).status).toBe(404);
    expect((await see('/acme/ops/issues/1')).text).not.toContain('/acme/ops/jobs');
    await alone.close();
    other.remove();
  });
});
