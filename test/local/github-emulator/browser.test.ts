import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';

import { openGitHubEmulator, type GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { createLogger } from '../../../runtime/log.ts';
import { PortInUseError } from '../../../runtime/http-server.ts';
import { hasChromium, launchChromium } from '../../fixtures/chromium.ts';
import {
  app,
  createUserClient,
  createInstallationClient,
  waitFor,
  openTestEmulator,
  createTemporaryFolder,
} from '../../fixtures/github-emulator.ts';
import { holdScript } from '../../fixtures/hold-script.ts';
import { waitForState } from '../../fixtures/wait-for-state.ts';

type Thing = { id: number };
const comments = '/repos/acme/ops/issues/1/comments';

(hasChromium ? describe : describe.skip)('the page in a browser', () => {
  const { folder, remove } = createTemporaryFolder();
  let emulator: GitHubEmulator;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    emulator = await openTestEmulator(folder);
    browser = await launchChromium();
    const context = await browser.newContext();
    page = await context.newPage();
    page.on('pageerror', ({ message }) => faults.push(message));
    page.on('console', (message) => {
      // While the sandbox is restarted, that it cannot be reached is no fault.
      if (message.type() === 'error' && !/ERR_(CONNECTION|INCOMPLETE)|status of 403/.test(message.text()))
        faults.push(message.text());
    });
    await page.goto(emulator.signInAddress());
    await page.getByText('live', { exact: true }).waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await emulator.close();
    remove();
  });

  /** Opens the emulator on the port that the page knows; undefined while another connection uses the port. */
  const openAt = async (port: number): Promise<GitHubEmulator | undefined> => {
    try {
      return await openGitHubEmulator({
        folder,
        port,
        app: { ...app, webhookUrl: 'http://127.0.0.1:9/' },
        log: createLogger('sandbox', 'silent'),
      });
    } catch (error) {
      if (error instanceof PortInUseError) return undefined;
      throw error;
    }
  };
  const card = (id: number) => page.locator(`#issuecomment-${id}`);
  const post = async (body: string): Promise<number> => {
    const { body: made } = await (await createInstallationClient(emulator))('POST', comments, { body });
    return (made as Thing).id;
  };
  const edit = async (id: number, body: string) =>
    (await createInstallationClient(emulator))('PATCH', `/repos/acme/ops/issues/comments/${id}`, { body });

  test('a comment written in the form appears by itself, under the selected person', async () => {
    await page.getByLabel('Add a comment').fill('/compute 1000');
    await page.getByLabel('as', { exact: true }).selectOption('octavia');
    await page.getByLabel('Add a comment').press('Control+Enter');
    const shown = page.getByRole('article', { name: 'Comment by octavia' });
    await shown.getByText('/compute 1000').waitFor();
    await page.getByText('1 comment', { exact: true }).waitFor();
    await waitForState(() => page.getByLabel('Add a comment').inputValue(), '');
    expect(new URL(page.url()).pathname).toBe('/acme/ops/issues/1');
  });

  test('a suggestion fills the form or replaces another suggestion, and is added to text without losing any of it', async () => {
    const text = page.getByLabel('Add a comment');
    await page.getByRole('button', { name: '/help' }).click();
    await page.getByRole('button', { name: '/run Hello who=world' }).click();
    await waitForState(() => text.inputValue(), '/run Hello who=world');
    await text.fill('Half a comment');
    await page.getByRole('button', { name: '/tasks' }).click();
    await waitForState(() => text.inputValue(), 'Half a comment\n/tasks');
  });

  test('a half-written comment is still in the form after leaving the page, until it is sent', async () => {
    const text = page.getByLabel('Add a comment');
    await text.fill('Half a comment');
    await page.getByRole('link', { name: 'Issues', exact: true }).click();
    await page.getByRole('link', { name: 'Try it here' }).click();
    await waitForState(() => text.inputValue(), 'Half a comment');
    await page.getByRole('button', { name: 'Close issue' }).click();
    await page.getByRole('button', { name: 'Reopen issue' }).click();
    await page.getByRole('button', { name: 'Close issue' }).waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    await waitForState(() => text.inputValue(), 'Half a comment');
    await text.press('Control+Enter');
    await page.getByRole('article').getByText('Half a comment').waitFor();
    await page.reload();
    await page.getByText('live', { exact: true }).waitFor();
    await waitForState(() => text.inputValue(), '');
  });

  test('what a person types and selects before the script of the page runs is not lost', async () => {
    const text = page.getByLabel('Add a comment');
    const person = page.getByLabel('as', { exact: true });
    await text.fill('A draft');
    await person.selectOption('mona');
    const release = await holdScript(page);
    await page.goto(emulator.url + new URL(page.url()).pathname, { waitUntil: 'commit' });
    await text.fill('typed early');
    await person.selectOption('rhea');
    await release();
    await page.getByText('live', { exact: true }).waitFor();
    for (const visit of ['first', 'second']) {
      await waitForState(() => text.inputValue(), 'A draft\ntyped early');
      await waitForState(() => person.inputValue(), 'rhea');
      if (visit === 'first') await page.reload();
    }
    await text.fill('');
    await person.selectOption('octavia');
  });

  test('an edited reply changes in place: what is unfolded or being typed stays, other cards are not touched', async () => {
    const fold = '<details><summary>Log</summary>\n\ntail\n\n</details>';
    const other = await post('not touched');
    const id = await post(`\`█░░░\` 1 of 4\n\n${fold}`);
    await card(id).getByText('1 of 4').waitFor();
    await page.getByLabel('Add a comment').fill('half a sent');
    await card(id).getByText('Log').click();
    await card(other).evaluate((element) => Object.assign(element, { untouched: true }));
    await edit(id, `\`██░░\` 2 of 4\n\n${fold}`);
    await card(id).getByText('2 of 4').waitFor();
    await card(id).getByText('tail').waitFor();
    await waitForState(() => page.getByLabel('Add a comment').inputValue(), 'half a sent');
    expect(await card(other).evaluate((element) => 'untouched' in element)).toBe(true);
    await waitForState(() => page.getByRole('status').textContent(), 'Changed: Comment by coxswain[bot]');
  });

  test('a reaction appears, and a deleted comment disappears', async () => {
    const id = await post('/help');
    await card(id).waitFor();
    await createUserClient(emulator, 'read')('POST', `/repos/acme/ops/issues/comments/${id}/reactions`, {
      content: 'eyes',
    });
    await card(id).getByLabel('eyes').waitFor();
    await (
      await createInstallationClient(emulator)
    )('DELETE', `/repos/acme/ops/issues/comments/${id}`);
    await card(id).waitFor({ state: 'detached' });
  });

  test('people who may change the comment have a menu, which closes on Escape and on a click elsewhere', async () => {
    const { body } = await createUserClient(emulator, 'write')('POST', comments, { body: 'a word of @mona' });
    const shown = card((body as Thing).id);
    const menu = shown.getByLabel('Edit or delete this comment');
    await shown.locator('.mention', { hasText: '@mona' }).waitFor();
    await page.getByLabel('as', { exact: true }).selectOption('rhea');
    await menu.waitFor({ state: 'hidden' });
    await page.getByLabel('as', { exact: true }).selectOption('mona');
    const edit = shown.getByRole('link', { name: 'Edit' });
    await menu.click();
    await edit.waitFor();
    await page.keyboard.press('Escape');
    await edit.waitFor({ state: 'hidden' });
    await shown.locator('summary:focus').waitFor();
    await menu.click();
    await edit.waitFor();
    await page.getByRole('heading', { level: 1 }).click();
    await edit.waitFor({ state: 'hidden' });
    await page.getByLabel('Add a comment').fill('half a sent');
    await menu.click();
    for (const answer of ['dismiss', 'accept'] as const) {
      page.once('dialog', (dialog) => void dialog[answer]());
      await shown.getByRole('button', { name: 'Delete' }).click();
      if (answer === 'dismiss') await waitForState(() => shown.count(), 1);
    }
    await shown.waitFor({ state: 'detached' });
    await waitForState(() => page.getByLabel('Add a comment').inputValue(), 'half a sent');
  });

  test('closing and locking the issue is shown at once, and can be done with buttons', async () => {
    await createUserClient(emulator, 'maintain')('PUT', '/repos/acme/ops/issues/1/lock');
    await page.getByText('This conversation is locked').waitFor();
    await page.getByLabel('Add a comment').fill('may I?');
    await page.getByLabel('as', { exact: true }).selectOption('rhea');
    await page.getByRole('button', { name: 'Comment', exact: true }).click();
    await page.getByRole('alert').getByText('You cannot comment on this conversation').waitFor();
    await page.getByLabel('as', { exact: true }).selectOption('mona');
    await page.getByRole('button', { name: 'Close issue' }).click();
    await page.getByText('Closed', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Unlock conversation' }).click();
    await page.getByRole('button', { name: 'Reopen issue' }).click();
    await page.getByText('Open', { exact: true }).waitFor();
    await page.getByText('This conversation is locked').waitFor({ state: 'detached' });
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByLabel('Add a comment').fill('half a sent');
  });

  test('after a restart it reconnects by itself, with the changes that it missed', async () => {
    const gone = await post('deleted meanwhile');
    const id = await post('before');
    await card(id).getByText('before').waitFor();
    await emulator.close();
    await page.getByText('reconnecting').waitFor();
    const elsewhere = await openTestEmulator(folder);
    emulator = elsewhere;
    await edit(id, 'changed meanwhile');
    await (
      await createInstallationClient(emulator)
    )('DELETE', `/repos/acme/ops/issues/comments/${gone}`);
    await elsewhere.close();
    emulator = await waitFor(() => openAt(Number(new URL(page.url()).port)));
    await card(id).getByText('changed meanwhile').waitFor();
    await card(gone).waitFor({ state: 'detached' });
    await page.getByText('live', { exact: true }).waitFor();
    await waitForState(() => page.getByLabel('Add a comment').inputValue(), 'half a sent');
  });

  test('a page whose reader is signed out says so, and continues after they sign in again', async () => {
    await page.context().clearCookies();
    const port = Number(new URL(page.url()).port);
    await emulator.close();
    emulator = await waitFor(() => openAt(port));
    await page.getByText('signed out: reload this page').waitFor();
    const other = await page.context().newPage();
    await other.goto(emulator.signInAddress());
    await page.getByText('live', { exact: true }).waitFor();
    await other.close();
  });

  test('nothing of it failed on the way', () => {
    expect(faults).toEqual([]);
  });
});
