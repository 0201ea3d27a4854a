import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { QueueSASPermissions, QueueServiceClient } from '@azure/storage-queue';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { listen, type RunningServer } from '../../runtime/http-server.ts';
import { hasChromium, launchChromium } from '../fixtures/chromium.ts';
import { createThreadClient, type ThreadClient } from '../fixtures/thread-client.ts';
import { startTestPlatform, waitUntil, type LocalPlatform } from '../fixtures/local-platform.ts';
import { requireEarlier } from '../fixtures/require-earlier.ts';
import { waitForState } from '../fixtures/wait-for-state.ts';

/*
 * A person's browser with a local platform: how it gets in, what its links open, and what pages of others in the same browser
 * get done, from another port of this machine, from another site, and from a name that they let point here.
 */

const rebound = '--host-resolver-rules=MAP evil.example 127.0.0.1';

const run = promisify(execFile);

(hasChromium ? describe : describe.skip)('a local platform in a browser', () => {
  // Several programs start for some of these.
  jest.setTimeout(90_000);
  let platform: LocalPlatform;
  let threadClient: ThreadClient;
  let browser: Browser;
  let person: BrowserContext;
  let page: Page;
  let link: string | undefined;
  const getLink = () => requireEarlier(link, 'opened the link to a log');
  let evil: RunningServer;

  beforeAll(async () => {
    platform = await startTestPlatform();
    threadClient = createThreadClient(platform);
    browser = await launchChromium({ switches: [rebound] });
    person = await browser.newContext();
    page = await person.newPage();
    evil = await listen(
      (_request, response) =>
        void response.writeHead(200, { 'content-type': 'text/html' }).end('<title>evil</title>'),
      { what: 'evil', port: 0 },
    );
  });
  afterAll(async () => {
    await browser.close();
    await evil.close();
    await platform.remove();
  });

  const signInAddress = async (): Promise<string> => {
    const given = ['cli/guard.cjs', 'cli/coxswain.ts', 'comment', '--open', '--data', platform.folder];
    return (await run(process.execPath, given)).stdout.trim();
  };
  const thread = (shown: Page) => shown.getByText('live', { exact: true }).waitFor();
  const signedOut = (shown: Page) => shown.getByText('You are not signed in').waitFor();
  const status = async (shown: Page, address: string) => (await shown.goto(address))?.status();
  /** The last log link that the page shows. */
  const logLink = (shown: Page) => shown.getByRole('link', { name: 'log', exact: true }).last();

  test('the address that npm start prints signs in once, and leaves no code in the address bar', async () => {
    const [address = ''] = /http:\S+code=\S+/.exec(platform.output()) ?? [];
    await page.goto(address);
    await thread(page);
    expect(page.url()).toBe((await platform.file()).github.page);
    expect(await page.evaluate('document.cookie')).toBe('');
    const [cookie] = await person.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    await page.goto(address);
    await thread(page);
    const stranger = await browser.newContext();
    const other = await stranger.newPage();
    expect(await status(other, address)).toBe(403);
    await signedOut(other);
    await stranger.close();
  });

  test('a comment that is written on the page runs, and the link to its log opens from there', async () => {
    await page.getByLabel('Add a comment').fill('/run Hello who=world');
    await page.getByLabel('as', { exact: true }).selectOption('octavia');
    await page.getByRole('button', { name: 'Comment', exact: true }).click();
    const opened = (await logLink(page).getAttribute('href', { timeout: 30_000 })) ?? '';
    await logLink(page).click();
    await page.getByText('Hello, world!').waitFor();
    expect(page.url()).toBe(opened);
    link = opened;
    await page.goBack();
    await thread(page);
  });

  test('the link to a log opens from localhost and from a terminal', async () => {
    const elsewhere = await browser.newContext();
    const shown = await elsewhere.newPage();
    await shown.goto(getLink());
    await shown.getByText('Hello, world!').waitFor();
    await shown.goto((await signInAddress()).replace('127.0.0.1', 'localhost'));
    await thread(shown);
    await logLink(shown).click();
    await shown.getByText('Hello, world!').waitFor();
    await shown.goto(getLink().replace('127.0.0.1', 'localhost'));
    await shown.getByText('Hello, world!').waitFor();
    await elsewhere.close();
  });

  test('say --open prints an address that signs another browser in', async () => {
    const other = await browser.newContext();
    const shown = await other.newPage();
    expect(await status(shown, (await platform.file()).github.page)).toBe(403);
    await signedOut(shown);
    const address = await signInAddress();
    await shown.goto(address);
    await thread(shown);
    await other.clearCookies();
    await shown.goto(address);
    await shown.getByText('This address was already used').waitFor();
    await other.close();
  });

  test('a link on another site leads to the thread, although the browser holds the cookie back at first', async () => {
    const { github } = await platform.file();
    await page.goto(evil.url.replace('127.0.0.1', 'localhost'));
    await page.setContent(`<a href="${github.page}">thread</a>`);
    await page.getByText('thread').click();
    await thread(page);
    await page.goto(evil.url.replace('127.0.0.1', 'localhost'));
    const address = await signInAddress();
    await person.clearCookies();
    await page.setContent(`<a href="${address}">code</a>`);
    await page.getByText('code').click();
    await thread(page);
    expect(page.url()).toBe(github.page);
  });

  test.each(['127.0.0.1', 'localhost'])('a page at %s and another port gets nothing done', async (name) => {
    const { github, storage } = await platform.file();
    const queue = QueueServiceClient.fromConnectionString(storage.connectionString).getQueueClient('input');
    const sas = queue.generateSasUrl({
      permissions: QueueSASPermissions.parse('a'),
      expiresOn: new Date(Date.now() + 600_000),
    });
    const input = sas.replace('/input?', '/input/messages?');
    await page.goto(evil.url.replace('127.0.0.1', name));
    const got = await page.evaluate(
      `(${tryAll})(${JSON.stringify({ thread: github.page, link: getLink(), input })})`,
    );
    // Requests without a preflight arrive and are refused. The page cannot read any response.
    expect(got).toEqual({ page: 'refused', stream: 'refused', log: 'refused' });
    await page.setContent(`<iframe src="${github.page}"></iframe>`);
    await waitUntil('the frame', async () => page.frames()[1]?.url().startsWith('chrome-error:'));
    const field = (name: string, value: string) => `<input name="${name}" value="${value}">`;
    const fields = field('as', 'mona') + field('body', '/run Hello who=forged');
    await page.setContent(
      `<form method="post" action="${github.page}/comments">${fields}<button>Win</button></form>`,
    );
    await page.getByText('Win').click();
    await page.waitForURL(/comments$/);
    await page.getByRole('heading').waitFor();
    expect((await threadClient.listComments()).map(({ body }) => body).join()).not.toContain('forged');
    expect((await queue.getProperties()).approximateMessagesCount).toBe(0);
  });

  test('a foreign host name that resolves to this machine is refused', async () => {
    const { github, orchestrator } = await platform.file();
    for (const address of [github.page, `${orchestrator.url}/healthz`, getLink()])
      expect(await status(page, address.replace('127.0.0.1', 'evil.example'))).toBe(403);
  });

  test('the log of a running task is a link away from its reply, and the page follows it to the end', async () => {
    await page.goto(await signInAddress());
    await thread(page);
    const comment = await threadClient.write('octavia', '/run Countdown seconds=4');
    await page.getByRole('link', { name: 'Follow the log' }).click();
    await page.getByText('The log is complete.').waitFor();
    const log = page.getByRole('group', { name: 'Log' });
    await waitForState(async () => (await log.textContent())?.includes('4\n3\n2\n1\n'), true);
    await page.getByRole('link', { name: 'Reply in #1' }).waitFor();
    const [job] = await threadClient.listJobs(comment);
    await page.getByRole('link', { name: 'Jobs', exact: true }).first().click();
    const row = page.locator('.jobs li').filter({ hasText: '/run Countdown seconds=4' });
    await row.filter({ hasText: 'completed' }).waitFor();
    await row.getByRole('link', { name: '/run Countdown' }).click();
    await page.waitForURL(`**/jobs/${job?.id}`);
    // A key of the platform is in no page and in no address.
    const { orchestrator } = await platform.file();
    expect((await page.content()).includes(orchestrator.key)).toBe(false);
  });
});

/** The attack of a foreign page, which runs in the browser. */
const tryAll = `async ({ thread, link, input }) => {
  const reading = (address) =>
    fetch(address, { credentials: 'include' }).then(async (answer) => 'read ' + (await answer.text()), () => 'refused');
  const sending = (address, type, body) =>
    fetch(address, {
      method: 'POST', mode: 'no-cors', credentials: 'include', headers: { 'content-type': type }, body,
    }).catch(() => {});
  const forged = 'as=mona&body=%2Frun+Hello+who%3Dforged';
  await sending(thread + '/comments', 'application/x-www-form-urlencoded', forged);
  await sending(thread + '/comments', 'text/plain', forged);
  await sending(input, 'text/plain', '<QueueMessage><MessageText>eA==</MessageText></QueueMessage>');
  const source = new EventSource(thread + '/events', { withCredentials: true });
  const stream = await new Promise((resolve) => {
    source.addEventListener('message', () => resolve('heard'));
    source.addEventListener('error', () => resolve('refused'));
  });
  source.close();
  return { page: await reading(thread), stream, log: await reading(link) };
}`;
