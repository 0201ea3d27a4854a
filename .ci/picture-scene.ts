import { readFile } from 'node:fs/promises';
import { chromium, type Page } from 'playwright-core';
import type { Comment } from '../cli/thread/github-client.ts';
import type { LocalPlatform } from '../test/fixtures/local-platform.ts';
import { createThreadClient, type ThreadClient } from '../test/fixtures/thread-client.ts';

const width = 900;
const css = await readFile('local/github-emulator/page/assets/page.css', 'utf8');

/** A part of a picture: a caption, and below it pictures (PNG) or HTML. */
export type Frame = { caption: string; images?: Buffer[]; html?: string };

export type Scene = { platform: LocalPlatform; thread: ThreadClient; page: Page; canvas: Page };

const toImage = (png: Buffer): string =>
  `<img style="display:block;width:100%" alt="" src="data:image/png;base64,${png.toString('base64')}">`;

/** Writes `docs/<name>.png`: the frames, one below the other. */
export const compose = async ({ canvas }: Scene, name: string, frames: readonly Frame[]): Promise<void> => {
  const heading =
    'margin:0;padding:10px 24px;background:#f6f8fa;border:solid #d1d9e0;border-width:1px 0;font-size:15px;color:#59636e';
  const parts = frames.map(
    ({ caption, images = [], html = '' }) =>
      `<h2 style="${heading}">${caption}</h2><div style="padding:12px 24px">${images.map(toImage).join('')}${html}</div>`,
  );
  await canvas.setContent(
    `<style>${css} body{margin:0;background:#fff;padding:0;max-width:none}</style>${parts.join('')}`,
  );
  await canvas.screenshot({ path: `docs/${name}.png`, fullPage: true });
  console.log(`docs/${name}.png`);
};

/** Takes a picture of one comment on the thread page, once the page shows it as it is. */
export const shoot = async ({ page }: Scene, comment: number, text?: RegExp): Promise<Buffer> => {
  const cards = page.locator(`#issuecomment-${comment}`);
  const card = text === undefined ? cards : cards.filter({ hasText: text });
  await card.waitFor();
  await page.waitForFunction(() => [...document.images].every(({ complete }) => complete));
  // The page replaces a card whenever its comment changes.
  for (let attempts = 5; attempts > 1; attempts -= 1) {
    const picture = await card.screenshot({ timeout: 5_000 }).catch(() => undefined);
    if (picture) return picture;
  }
  return card.screenshot();
};

/** Returns the reply to a comment, once its Markdown matches. */
export const waitForReply = async ({ thread }: Scene, comment: Comment, says: RegExp): Promise<Comment> => {
  const body = await thread.waitForReply(comment, says);
  const reply = (await thread.listComments()).findLast((one) => one.body === body);
  return reply ?? waitForReply({ thread } as Scene, comment, says);
};

/** Calls a function with the thread page of a platform in Chromium. */
export const withScene = async (
  platform: LocalPlatform,
  take: (scene: Scene) => Promise<void>,
): Promise<void> => {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run'],
  });
  try {
    const context = await browser.newContext({
      viewport: { width, height: 1_000 },
      deviceScaleFactor: 1.5,
      bypassCSP: true,
    });
    const [page, canvas] = [await context.newPage(), await context.newPage()];
    await canvas.setViewportSize({ width, height: 100 });
    const [address = ''] = /http:\S+code=\S+/.exec(platform.output()) ?? [];
    await page.goto(address);
    await page.getByText('live', { exact: true }).waitFor();
    await page.addStyleTag({ content: '.thread::before { display: none !important }' });
    await take({ platform, thread: createThreadClient(platform), page, canvas });
  } finally {
    await browser.close();
  }
};
