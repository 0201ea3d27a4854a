import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

import { jobStates, type Job } from '../../../contracts/job.ts';
import type { TaskFiles } from '../../../contracts/task-files.ts';
import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { hasChromium, launchChromium } from '../../fixtures/chromium.ts';
import {
  createInstallationClient,
  createTemporaryFolder,
  createUserClient,
  openTestEmulator,
  type ApiClient,
} from '../../fixtures/github-emulator.ts';
import { waitForState } from '../../fixtures/wait-for-state.ts';
import { createTestJob, createTestJobs, type TestJobs } from '../../fixtures/test-jobs.ts';

/* Every page in a real browser: light and dark, on a screen and on a phone. */

const views = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 390].map((width) => ({ colorScheme, width })),
);

const wideTable = `| job | state | command | requested by | started | duration | result |
|---|---|---|---|---|---|---|
| \`job-0123456789abcdef\` | ✅ completed | \`/run Deploy place=production version=1.2.3\` | octavia | 2026-01-01T00:00:00Z | 12m 30s | [log](https://example.com/log) |
| \`job-fedcba9876543210\` | ❌ failed | \`/compute 100000 samples=1000\` | tomas | 2026-01-01T00:00:00Z | 1h 2m | [result.json](https://example.com/result.json) |`;
const longLine = 'A line that is much longer than the card is wide. '.repeat(8);
const samples = [
  wideTable,
  `See the [log](https://example.com/log) of job-1, or ~~nothing~~ \`code\`, @mona.\n\n\`███░░\` 3 of 5`,
  `<details open><summary>Log</summary>\n\n\`\`\`\n${longLine}\n${'line\n'.repeat(60)}\`\`\`\n\n</details>`,
  `> A quote with a [link](https://example.com/).\n\n- one\n- two\n\n<sub>Small print, [linked](https://example.com/)</sub>`,
  'a-word-that-does-not-end'.repeat(20),
];

(hasChromium ? describe : describe.skip)('every page', () => {
  jest.setTimeout(60_000);
  const { folder, remove } = createTemporaryFolder();
  let emulator: GitHubEmulator;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** The paths of all kinds of pages, by their names. */
  const paths = new Map<string, string>();

  beforeAll(async () => {
    const jobs = createTestJobs();
    emulator = await openTestEmulator(folder, undefined, { jobs });
    const bot = await createInstallationClient(emulator);
    const writer = createUserClient(emulator, 'write');
    await fill(bot, writer, paths);
    const { body } = await writer('GET', '/repos/acme/ops');
    addJobs(jobs, (body as { id: number }).id, paths);
    browser = await launchChromium();
    // Without the pages' content security policy, the test can add a style.
    context = await browser.newContext({ bypassCSP: true });
    page = await context.newPage();
    await page.goto(emulator.signInAddress());
  });
  afterAll(async () => {
    await browser.close();
    await emulator.close();
    remove();
  });

  const open = async (name: string, { colorScheme, width }: (typeof views)[number]): Promise<void> => {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto(emulator.url + (paths.get(name) ?? ''));
    // What the page's script shows must be there, too. The page of a job that has ended follows nothing.
    const live = page.locator('main:not(:has([data-ended=yes])) [data-live]');
    if ((await live.count()) > 0) await live.getByText('live', { exact: true }).waitFor();
  };

  const names = [
    'issue',
    'issues',
    'locked issue',
    'edit a comment',
    'delete a comment',
    'pull request',
    'comment on a line',
    'reply to a review comment',
    'conflict',
    'merged pull request',
    'policy',
    'jobs',
    'no jobs',
    'files',
    'running job',
    'waiting job',
    'job with files',
    'failed computation',
    'nothing',
  ];

  describe.each(names)('%s', (name) => {
    test.each(views)('has no accessibility problem: $colorScheme, $width pixels', async (view) => {
      await open(name, view);
      expect(await findProblems(page)).toEqual([]);
    });

    test.each(views.filter(({ colorScheme }) => colorScheme === 'light'))(
      'is no wider than the window: $width pixels',
      async (view) => {
        await open(name, view);
        const [shown, wide] = (await page.evaluate('[innerWidth, document.documentElement.scrollWidth]')) as [
          number,
          number,
        ];
        expect(wide).toBeLessThanOrEqual(shown);
      },
    );
  });

  test.each(views)(
    'the page without a session has no accessibility problem: $colorScheme, $width pixels',
    async ({ colorScheme, width }) => {
      const stranger = await browser.newContext({
        bypassCSP: true,
        colorScheme,
        viewport: { width, height: 900 },
      });
      const shown = await stranger.newPage();
      await shown.goto(`${emulator.url}/acme/ops/issues/1`);
      await shown.getByRole('heading', { level: 1, name: 'You are not signed in' }).waitFor();
      expect(await findProblems(shown)).toEqual([]);
      await stranger.close();
    },
  );

  test('an open menu has no accessibility problem', async () => {
    await open('issue', { colorScheme: 'dark', width: 390 });
    await page.getByLabel('Edit or delete this comment').last().click();
    await page.getByRole('link', { name: 'Edit' }).waitFor();
    expect(await findProblems(page)).toEqual([]);
  });

  test('a table that is wider than a phone scrolls with the keyboard', async () => {
    await open('issue', { colorScheme: 'light', width: 390 });
    const table = page.getByRole('group', { name: 'Table' }).last();
    const measure = () =>
      table.evaluate((element) => [element.scrollWidth > element.clientWidth, element.scrollLeft > 0]);
    await waitForState(measure, [true, false]);
    await table.focus();
    await page.keyboard.press('ArrowRight');
    await waitForState(measure, [true, true]);
  });
});

/** Returns what axe-core finds, including text of which it cannot tell the contrast. */
const findProblems = async (page: Page): Promise<unknown[]> => {
  // axe-core computes no contrast above gradients, which only shade the edges here, and above the line behind the cards.
  const content =
    '.scroll { background-image: none !important } .thread::before { display: none !important }';
  await page.addStyleTag({ content });
  await page.evaluate(axe.source);
  const { violations, incomplete } = (await page.evaluate('axe.run()')) as axe.AxeResults;
  return [...violations, ...incomplete.filter(({ id }) => id === 'color-contrast')].map(
    ({ id, impact, nodes }) => [id, impact, nodes[0]?.html, nodes[0]?.failureSummary],
  );
};

/** Fills the repository with every kind of thing that pages show. */
const fill = async (bot: ApiClient, writer: ApiClient, paths: Map<string, string>): Promise<void> => {
  const repository = '/repos/acme/ops';
  for (const body of samples) await bot('POST', `${repository}/issues/1/comments`, { body });
  const { body } = await writer('POST', `${repository}/issues/1/comments`, { body: '/compute 1000' });
  const { id } = body as { id: number };
  await bot('POST', `${repository}/issues/comments/${id}/reactions`, { content: 'rocket' });
  const opened = await writer('POST', `${repository}/issues`, { title: 'Locked', body: '' });
  const locked = (opened.body as { number: number }).number;
  await writer('PUT', `${repository}/issues/${locked}/lock`);
  await writer('PATCH', `${repository}/issues/${locked}`, { state: 'closed' });
  const pull = await openPull(bot, writer);
  const [merged, conflict] = [await openSmallPull(writer, 'merged'), await openSmallPull(writer, 'conflict')];
  await writer('PUT', `${repository}/pulls/${merged}/merge`);
  for (const [name, path] of Object.entries({
    issue: '/issues/1',
    issues: '/issues',
    'locked issue': `/issues/${locked}`,
    'edit a comment': `/issues/1/comments/${id}/edit`,
    'delete a comment': `/issues/1/comments/${id}/delete`,
    'pull request': `/pull/${pull}`,
    'comment on a line': `/pull/${pull}?file=data%2Finputs.jsonl&line=3`,
    'reply to a review comment': `/pull/${pull}?reply=1`,
    conflict: `/pull/${conflict}`,
    'merged pull request': `/pull/${merged}`,
    policy: '/blob/main/.github/coxswain.yml',
    nothing: '/issues/99',
  }))
    paths.set(name, `/acme/ops${path}`);
};

/** Adds jobs in all states. */
const addJobs = (source: TestJobs, repository: number, paths: Map<string, string>): void => {
  const delivered = ['table.csv', 'a-file-with-a-name-that-is-as-long-as-names-may-be-'.repeat(2)].map(
    (name) => ({
      name,
      bytes: 2_048,
      type: 'text/csv; charset=utf-8',
      sha256: 'a',
      path: 'x',
      url: 'http://127.0.0.1:9/x',
    }),
  );
  const files: TaskFiles = {
    delivered,
    omitted: [{ name: 'big.bin', bytes: 10 ** 9, reason: 'too-large' }],
    omittedCount: 1,
    summary: `# A summary\n${longLine}`,
    tables: [
      {
        name: 'table.csv',
        header: Array.from({ length: 20 }, (_, n) => `column ${n}`),
        rows: [Array.from({ length: 20 }, (_, n) => String(n))],
        truncated: true,
      },
    ],
  };
  const progress = { done: 420, failed: 3, total: 1_000, workers: 2 };
  const waiting: Job['waiting'] = {
    for: 'lock',
    scope: 'x',
    key: 'deploy/production',
    slots: 1,
    ahead: 0,
    holders: [{ kind: 'person', person: { id: '1', name: 'mona' }, reason: null, since: '' }],
  };
  const failures = [{ block: 7, code: 'compute-failed', message: longLine }];
  const compute: Partial<Job> = {
    kind: 'compute',
    request: { algorithm: 'monte-carlo-pi', inputCount: 1_000 },
    progress,
  };
  source.jobs = [
    ...jobStates.map((state, n) => createTestJob(n, repository, { state })),
    createTestJob(20, repository, { state: 'waiting', waiting, message: 'A message' }),
    createTestJob(21, repository, { files, links: { log: { path: 'x', url: 'http://127.0.0.1:9/x' } } }),
    createTestJob(22, repository, {
      ...compute,
      state: 'completed-with-failures',
      failures,
      result: { pi: 3.14 },
    }),
    createTestJob(23, repository, { ...compute, state: 'running' }),
    createTestJob(24, repository, { origin: { repository: { id: repository, name: 'acme/ops' } } }),
  ];
  const running = createTestJob(jobStates.indexOf('running'), repository).id;
  source.logs.set(running, { text: `${longLine}\n`.repeat(100), hasEnded: false });
  const at = (number: number): string => `/acme/ops/jobs/${createTestJob(number, repository).id}`;
  for (const [name, path] of Object.entries({
    jobs: '/acme/ops/jobs',
    'no jobs': '/acme/ops/jobs?text=nothing',
    files: '/acme/ops/tree/main',
    'running job': `/acme/ops/jobs/${running}`,
    'waiting job': at(20),
    'job with files': at(21),
    'failed computation': at(22),
  }))
    paths.set(name, path);
};

/** Opens a pull request that changes the README. */
const openSmallPull = async (writer: ApiClient, branch: string): Promise<number> => {
  const repository = '/repos/acme/ops';
  const main = await writer('GET', `${repository}/git/ref/heads/main`);
  const { sha } = (main.body as { object: { sha: string } }).object;
  await writer('POST', `${repository}/git/refs`, { ref: `refs/heads/${branch}`, sha });
  const { body: file } = await writer('GET', `${repository}/contents/README.md`);
  await writer('PUT', `${repository}/contents/README.md`, {
    message: 'Change it',
    branch,
    sha: (file as { sha: string }).sha,
    content: Buffer.from(`${branch}\n`).toString('base64'),
  });
  const made = await writer('POST', `${repository}/pulls`, { title: branch, head: branch, base: 'main' });
  return (made.body as { number: number }).number;
};

/** Opens a pull request with checks of every kind. */
const openPull = async (bot: ApiClient, writer: ApiClient): Promise<number> => {
  const repository = '/repos/acme/ops';
  const main = await writer('GET', `${repository}/git/ref/heads/main`);
  const { sha } = (main.body as { object: { sha: string } }).object;
  await writer('POST', `${repository}/git/refs`, { ref: 'refs/heads/change', sha });
  const content = (text: string) => Buffer.from(text).toString('base64');
  await writer('PUT', `${repository}/contents/data/inputs.jsonl`, {
    message: 'Add inputs',
    branch: 'change',
    content: content(`${'{"n":1}\n'.repeat(40)}${longLine}\n`),
  });
  const made = await writer('POST', `${repository}/pulls`, {
    title: 'Add inputs',
    head: 'change',
    base: 'main',
  });
  const { number, head } = made.body as { number: number; head: { sha: string } };
  for (const conclusion of ['success', 'failure', 'neutral'])
    await bot('POST', `${repository}/check-runs`, {
      name: `check ${conclusion}`,
      head_sha: head.sha,
      conclusion,
      output: { title: 'A check', summary: wideTable },
    });
  await bot('POST', `${repository}/pulls/${number}/reviews`, {
    event: 'REQUEST_CHANGES',
    body: `See @mona\n\n${wideTable}`,
    comments: [{ path: 'data/inputs.jsonl', line: 2, body: `Why?\n\n\`\`\`\n${longLine}\n\`\`\`` }],
  });
  await writer('POST', `${repository}/pulls/${number}/comments/1/replies`, { body: 'Because' });
  await writer('POST', `${repository}/pulls/${number}/reviews`, { event: 'APPROVE' });
  return number;
};
