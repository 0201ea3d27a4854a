import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';

import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { emojiFiles, showEmoji } from '../../../local/github-emulator/page/emoji.ts';
import { hasChromium, launchChromium } from '../../fixtures/chromium.ts';
import {
  createInstallationClient,
  createTemporaryFolder,
  openTestEmulator,
} from '../../fixtures/github-emulator.ts';
import { waitForState } from '../../fixtures/wait-for-state.ts';

const emoji = /\p{Emoji_Presentation}|\p{Emoji}\ufe0f/gu;

/** Returns the emoji in the sources of replies and pages. */
const findEmoji = async (): Promise<string[]> => {
  const found = new Set<string>();
  for await (const file of glob('{chatops,bot,action,local/github-emulator}/**/*.{ts,js}'))
    if (!file.startsWith('action/dist'))
      for (const [one] of (await readFile(file, 'utf8')).matchAll(emoji)) found.add(one);
  return [...found];
};

describe('emoji', () => {
  test('all of replies and pages have pictures', async () => {
    const all = await findEmoji();
    expect(all.length).toBeGreaterThan(15);
    expect(all.filter((one) => !showEmoji(one).startsWith('<img'))).toEqual([]);
    const missing = emojiFiles.filter(
      (file) => !existsSync(join('local/github-emulator/page/assets/emoji', file)),
    );
    expect(missing).toEqual([]);
  });

  test.each([
    [
      'with a selector',
      'a ⚠️ b',
      'a <img class="emoji" src="/assets/emoji/warning.svg" alt="⚠️" width="16" height="16"> b',
    ],
    ['not in attributes', '<b title="✅">x</b>', '<b title="✅">x</b>'],
    ['not in texts to edit', '<textarea name="body">✅</textarea>', '<textarea name="body">✅</textarea>'],
    ['not in logs', '<pre class="scroll"><code>✅</code></pre>', '<pre class="scroll"><code>✅</code></pre>'],
    ['not what has no picture', '🐢 #1 ©', '🐢 #1 ©'],
  ])('are replaced by pictures, %s', (_what, html, shown) => {
    expect(showEmoji(html)).toBe(shown);
  });
});

(hasChromium ? describe : describe.skip)('emoji in a browser without a font for them', () => {
  jest.setTimeout(60_000);
  const { folder, remove } = createTemporaryFolder();
  let emulator: GitHubEmulator;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    emulator = await openTestEmulator(folder);
    const fonts = join(folder, 'fonts.conf');
    await writeFile(
      fonts,
      `<?xml version="1.0"?><fontconfig><dir>/usr/share/fonts</dir><cachedir>${join(folder, 'cache')}</cachedir>
       <selectfont><rejectfont><glob>*Emoji*</glob></rejectfont></selectfont></fontconfig>`,
    );
    browser = await launchChromium({ environment: { FONTCONFIG_FILE: fonts } });
    const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
    page = await context.newPage();
    await page.goto(emulator.signInAddress());
    await page.getByText('live', { exact: true }).waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await emulator.close();
    remove();
  });

  test('are visible pictures, and copied text contains them', async () => {
    const bot = await createInstallationClient(emulator);
    const text = `begin ${(await findEmoji()).join(' ')} end`;
    const { body } = await bot('POST', '/repos/acme/ops/issues/1/comments', { body: text });
    const card = page.locator(`#issuecomment-${(body as { id: number }).id} .body`);
    await card.waitFor();
    const pictures = card.locator('img.emoji');
    for (const picture of await pictures.all())
      await waitForState(
        () => picture.evaluate((image) => 'naturalWidth' in image && Number(image.naturalWidth) > 0),
        true,
      );
    await waitForState(async () => (await card.textContent())?.match(emoji), null);
    await card.getByText('begin').click({ clickCount: 3 });
    await page.keyboard.press('Control+c');
    await waitForState(
      async () => (await page.evaluate<string>('navigator.clipboard.readText()')).includes(text),
      true,
    );
  });
});
