import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';

import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { hasChromium, launchChromium } from '../../fixtures/chromium.ts';
import {
  createTemporaryFolder,
  createUserClient,
  openTestEmulator,
  waitFor,
} from '../../fixtures/github-emulator.ts';
import { holdScript } from '../../fixtures/hold-script.ts';
import { waitForState } from '../../fixtures/wait-for-state.ts';
import { createTestJob, createTestJobs } from '../../fixtures/test-jobs.ts';

(hasChromium ? describe : describe.skip)('the pages of jobs in a browser', () => {
  jest.setTimeout(60_000);
  const { folder, remove } = createTemporaryFolder();
  const source = createTestJobs();
  let emulator: GitHubEmulator;
  let browser: Browser;
  let page: Page;
  let repository: number;
  const faults: string[] = [];

  beforeAll(async () => {
    emulator = await openTestEmulator(folder, undefined, { jobs: source });
    const { body } = await createUserClient(emulator, 'read')('GET', '/repos/acme/ops');
    repository = (body as { id: number }).id;
    source.jobs = [3, 2, 1].map((number) => createTestJob(number, repository));
    browser = await launchChromium();
    page = await (await browser.newContext({ viewport: { width: 1000, height: 700 } })).newPage();
    page.on('pageerror', ({ message }) => faults.push(message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    await page.goto(emulator.signInAddress());
  });
  afterAll(async () => {
    await browser.close();
    await emulator.close();
    remove();
  });

  const rows = () => page.locator('.jobs li');

  test('the list filters while one types, and its address selects the same jobs', async () => {
    await page.getByRole('link', { name: 'Jobs', exact: true }).first().click();
    await page.getByText('live', { exact: true }).waitFor();
    await page.evaluate('globalThis.isSamePage = true');
    await page.keyboard.press('/');
    await page.keyboard.type('person-2');
    await rows().nth(1).waitFor({ state: 'detached' });
    expect(new URL(page.url()).search).toBe('?text=person-2');
    expect(await page.evaluate('globalThis.isSamePage')).toBe(true);
    await page.reload();
    await waitForState(() => rows().count(), 1);
    await page.getByLabel('State').selectOption('failed');
    await page.getByText('No job matches these filters.').waitFor();
    expect(new URL(page.url()).search).toBe('?state=failed&text=person-2');
    await page.getByRole('link', { name: 'Clear' }).click();
    await waitForState(() => rows().count(), 3);
  });

  test('a filter that a person types before the script of the page runs is applied', async () => {
    const release = await holdScript(page);
    await page.goto(`${emulator.url}/acme/ops/jobs`, { waitUntil: 'commit' });
    await page.getByLabel('Command, parameters or id').fill('person-1');
    await waitForState(() => rows().count(), 3);
    await release();
    await waitForState(() => rows().count(), 1);
    await page.getByRole('link', { name: 'Clear' }).click();
    await waitForState(() => rows().count(), 3);
  });

  test('a new job, and another state, appear without a reload, and the focus stays', async () => {
    await page.getByRole('link', { name: '/run Hello who=person-3' }).focus();
    source.jobs.unshift(createTestJob(4, repository, { state: 'queued' }));
    await rows().filter({ hasText: 'queued' }).waitFor();
    await waitForState(() => page.getByRole('status').textContent(), '4 jobs');
    source.jobs[0] = createTestJob(4, repository, { state: 'failed' });
    await rows().filter({ hasText: 'failed' }).waitFor();
    await waitForState(() => rows().count(), 4);
  });

  const openJob = async (number: number): Promise<void> => {
    await page.goto(`${emulator.url}/acme/ops/jobs/${createTestJob(number, repository).id}`);
  };
  const log = () => page.getByRole('group', { name: 'Log' });
  const isAtEnd = () =>
    log().evaluate((shown) => shown.scrollTop + shown.clientHeight >= shown.scrollHeight - 2);

  test('a log grows, scrolls along only at its end, pauses, and ends with the job', async () => {
    const { id } = createTestJob(10, repository);
    source.jobs.unshift(createTestJob(10, repository, { state: 'running' }));
    const lines = (from: number, to: number): string =>
      Array.from({ length: to - from }, (_, n) => `line ${from + n}\n`).join('');
    const write = (to: number, hasEnded = false): void =>
      void source.logs.set(id, { text: lines(0, to), hasEnded });
    write(100);
    await openJob(10);
    await page.getByText('Live', { exact: true }).waitFor();
    await waitForState(isAtEnd, true);
    write(200);
    await log().filter({ hasText: 'line 199' }).waitFor();
    await waitForState(isAtEnd, true);

    await log().evaluate((shown) => (shown.scrollTop = 0));
    write(300);
    await log().filter({ hasText: 'line 299' }).waitFor();
    await waitForState(() => log().evaluate((shown) => shown.scrollTop), 0);

    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('Paused', { exact: true }).waitFor();
    await waitFor(async () => (source.followers === 0 ? true : undefined));
    write(400, true);
    const text = (await log().textContent()) ?? '';
    expect(text.endsWith('line 299\n')).toBe(true);
    source.jobs[0] = createTestJob(10, repository, { state: 'completed' });
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('The log is complete.').waitFor();
    await waitForState(() => log().textContent(), lines(0, 400));
    await page.locator('.heading').getByText('completed').waitFor();
    await page.getByRole('button', { name: 'Pause' }).waitFor({ state: 'hidden' });
  });

  test('a page keeps only the end of a long log, and says so', async () => {
    const { id } = createTestJob(11, repository);
    source.jobs.unshift(createTestJob(11, repository, { state: 'running' }));
    source.logs.set(id, { text: '', hasEnded: false });
    await openJob(11);
    await page.getByText('Live', { exact: true }).waitFor();
    source.logs.set(id, { text: `${'x'.repeat(99)}\n`.repeat(60_000), hasEnded: true });
    await page.getByText('The log is complete.').waitFor();
    await page.getByText('Only the last 5,000 lines or so are shown here.').waitFor();
    const count = (await log().textContent())?.split('\n').length ?? 0;
    expect(count).toBeGreaterThan(4_000);
    expect(count).toBeLessThan(6_000);
  });

  test('a log continues where it broke off', async () => {
    const { id } = createTestJob(12, repository);
    source.jobs.unshift(createTestJob(12, repository, { state: 'running' }));
    source.logs.set(id, { text: 'one\n', hasEnded: false });
    await openJob(12);
    await page.getByText('Live', { exact: true }).waitFor();
    source.isDown = true;
    await page.getByText('Reconnecting').waitFor();
    source.logs.set(id, { text: 'one\ntwo\n', hasEnded: true });
    source.isDown = false;
    await page.getByText('The log is complete.').waitFor();
    await waitForState(() => log().textContent(), 'one\ntwo\n');
  });

  test('nothing of it failed on the way', () => {
    expect(faults.filter((fault) => !/status of 503/.test(fault))).toEqual([]);
  });
});
