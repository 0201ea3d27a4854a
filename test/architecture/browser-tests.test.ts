import { expect, test } from '@jest/globals';
import { glob, readFile } from 'node:fs/promises';

/** Matches a single read of what a page shows: `expect(await text.inputValue())`. */
const singleRead =
  /expect\(\s*\(?await [^;]*?\.(?:inputValue|textContent|innerText|innerHTML|getAttribute|count|is(?:Visible|Hidden|Checked|Enabled|Disabled|Editable))\(/g;

test('tests in a browser wait for the state that they expect (test/fixtures/wait-for-state.ts)', async () => {
  const [inBrowser, found]: [string[], string[]] = [[], []];
  for await (const path of glob('test/**/*.ts')) {
    const text = await readFile(path, 'utf8');
    if (!/^import .*'playwright-core';$/m.test(text)) continue;
    inBrowser.push(path);
    for (const { 0: read, index } of text.matchAll(singleRead))
      found.push(`${path}:${text.slice(0, index).split('\n').length} ${read}`);
  }
  expect(inBrowser).toContain('test/local/github-emulator/browser.test.ts');
  expect(found).toEqual([]);
});
