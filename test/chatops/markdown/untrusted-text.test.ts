import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import {
  toTableCell,
  sanitizeText,
  toCodeBlock,
  toCodeSpan,
  escapeUnlessOwnMarkdown,
} from '../../../chatops/markdown/untrusted-text.ts';

test('a long text keeps its start and more of its end, and says how much is missing', () => {
  const text = `first\n${'x'.repeat(10_000)}\nlast`;
  const shown = toCodeBlock(text, 1_000);
  expect(shown).toMatch(/^```text\nfirst\nx+\n\n… 9011 characters left out …\n\nx+\nlast\n```$/);
  expect(toCodeSpan('a'.repeat(300), 10)).toBe('`aaaaa…aaaaa`');
  expect(toCodeSpan('😀'.repeat(300), 5)).toBe('`😀…😀`');
});

test.each([
  ['plain', '`plain`'],
  ['', '(empty)'],
  [' \n', '(empty)'],
  ['`', '`` ` ``'],
  ['a``b', '```a``b```'],
  [' a', '`  a `'],
  ['a\r\nb', '`a b`'],
  ['\u001b[31mred\u001b[0m', '`red`'],
  ['a\u202eb', '`a\ufffdb`'],
  ['a\u061cb', '`a\ufffdb`'],
  ['x?sv=1&sig=abc%3D&se=2', '`x?sv=1&sig=[redacted]&se=2`'],
  ['x%3Fsv%3D1%26sig%3Dabc', '`x%3Fsv%3D1%26sig%3D[redacted]`'],
  [String.raw`{"u":"a?b\u0026sig=abc"}`, '`{"u":"a?b\\u0026sig=[redacted]"}`'],
  ['AccountKey=abc==;x', '`AccountKey=[redacted];x`'],
  ['design=flat', '`design=flat`'],
])('%j in a line is %s', (text, shown) => {
  expect(toCodeSpan(text)).toBe(shown);
});

test('a cell escapes what would end it', () => {
  expect(toTableCell('a|b')).toBe('`a\\|b`');
  expect(toTableCell('a\\|b')).toBe('`a\\ \\|b`');
});

test.each([
  'nobody',
  '**write** access',
  '**maintain** access, or a member of `acme/ops` or `acme/x`, or `mona`, or the bot `dependabot[bot]`',
  'stops a job: the one named',
])('our own Markdown is unchanged: %j', (words) => {
  expect(escapeUnlessOwnMarkdown(words)).toBe(words);
});

test.each([
  '@mona',
  'a `b` @mona',
  'fixes #1',
  '*a*',
  '**a',
  '**@mona**',
  'a ` b',
  '<b>',
  '- a list',
  'one\ntwo',
  'a `<!-- coxswain` b',
  'a `x\u202ey` b',
  'see GH-1',
])('other Markdown becomes a code span: %j', (words) => {
  expect(escapeUnlessOwnMarkdown(words)).toBe(toCodeSpan(words, 500));
});

test('terminal links and titles are removed, and incomplete ones are disarmed', () => {
  expect(
    sanitizeText('a \u001b]8;;https://x\u0007link\u001b]8;;\u001b\\ \u001b]0;title\u009cb \u001b]c'),
  ).toBe('a link b \uFFFD]c');
});

/** In a separate process, because a running regular expression cannot be interrupted. */
test.each([
  ['line breaks before the last line', String.raw`'\n'.repeat(500_000) + 'x'`],
  ['beginnings of links', String.raw`'\u001b]8;;'.repeat(200_000)`],
])(
  'a log that contains only %s is formatted quickly',
  async (_what, log) => {
    const source = `import { sanitizeText, toCodeBlock } from './chatops/markdown/untrusted-text.ts';
    const log = ${log};
    console.log(sanitizeText(log).length > 0 && toCodeBlock(log, 1_000).length > 0);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', source],
      {
        timeout: 30_000,
      },
    );
    expect(stdout).toBe('true\n');
  },
  60_000,
);
