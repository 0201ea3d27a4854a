import { expect, test } from '@jest/globals';
import { formatOmittedFile } from '../../cli/commands/files.ts';

test.each([
  [{ name: 'big.bin', bytes: 2_147_483_648, reason: 'too-large' }, 'big.bin (too-large, 2 GiB)'],
  [{ name: 'pipe', bytes: null, reason: 'not-a-file' }, 'pipe (not-a-file)'],
  [
    { name: 'a\nDownloaded 1 file\u2028x\u001B[2Jy', bytes: 1, reason: 'bad-name' },
    'a Downloaded 1 file xy (bad-name, 1 byte)',
  ],
] as const)('a file that was not delivered is one line with its size: %j', (file, line) => {
  expect(formatOmittedFile(file)).toBe(`Not delivered: ${line}`);
});
