import { setTimeout as wait } from 'node:timers/promises';
import { expect, jest, test } from '@jest/globals';
import {
  collectErrors,
  interpret,
  mayContainCommand,
  findMixedScripts,
  parseCommands,
} from '../../../chatops/command/index.ts';
import { toLockKey } from '../../../chatops/command/values/lock-key.ts';

const comment = 65_536;
const long = 250_000;

/** Ends a test that hangs: linear work takes a fraction of a second. The search `growth` measures how the work grows. */
jest.setTimeout(120_000);

/** Runs of backticks of different lengths, so that none closes another. */
const staircase = (length: number): string => {
  const runs: string[] = [];
  for (let run = 1, size = 0; size < length; run++, size += run) runs.push('`'.repeat(run));
  return runs.join(' ');
};

/** Texts that make a parser quadratic if it reads them repeatedly. */
const shapes: Record<string, string> = {
  brackets: '[',
  'images in images': '![',
  'closing brackets': '[]',
  'links without an end': '[a](b',
  'links with titles without an end': '[a](b "',
  'links in pointed brackets': '[a](<b',
  references: '[a][b]',
  'definitions without an end': '[a]: b "\n',
  definitions: '[a]: b\n',
  footnotes: '[^a]: ',
  'footnote calls': '[^a]',
  comments: '<!--',
  'comments in lines': 'a <!--\n',
  tags: '<a b="',
  'tags without quotes': '<a b ',
  'tags in lines': '<a\n',
  elements: '<pre>',
  'closing elements': '<pre></code>',
  instructions: 'a <?',
  declarations: 'a <!A',
  'character data': 'a <![CDATA[',
  addresses: 'https://',
  'addresses with brackets': 'https://[ ',
  'addresses with code': 'https://` ',
  mails: '<a@',
  backslashes: '\\',
  quotes: '> ',
  'lines of nested quotes': '> > > > a\n',
  lists: '- ',
  'numbered lists': '1. ',
  'lines of nested lists': '- - - - a\n',
  fences: '```\n~~~\n',
  headings: 'a\n===\n',
  rules: '* * ',
  'rows of a table': 'a|b\n-|-\n',
  'rows with bars and code': '/a|`\n|-|\n',
  'headers of mails': 'From: a\n',
  'lines that begin as mails do': 'On 1 \n',
  'escaped tildes': 'www.\\~',
  'lines beside tags': '<br>\n/a\n\n',
  tabs: '\t',
  spaces: ' ',
  'empty lines': '\n',
  'unclosed quotes of values': ' x="',
  'closed quotes of values': ' "a"',
  parameters: ' x=1',
  'parameters without a value': ' x=',
  'equals signs': ' =',
  'refused characters': '\u200b',
  'hidden words': ' <b>',
};

const inputs = Object.entries(shapes).flatMap(([name, piece]) => [
  { name: `${name}, after a command`, body: `/run A ${piece.repeat(Math.ceil(comment / piece.length))}` },
  { name, body: piece.repeat(Math.ceil(long / piece.length)) },
]);

test.each([
  ...inputs,
  { name: 'backticks of all lengths', body: staircase(long) },
  { name: 'backticks of all lengths after a command', body: `/run A ${staircase(long)}` },
  { name: 'images in images that end', body: `${'!['.repeat(60_000)}${'](x)'.repeat(60_000)}` },
  { name: 'lists, then empty lines', body: `${'- '.repeat(30)}a\n${'\n'.repeat(long)}` },
  { name: 'quotes, then lazy lines', body: `${'> '.repeat(30)}a\n${'a\n'.repeat(long / 2)}` },
  { name: 'many commands', body: '/compute 1\n'.repeat(4_000) },
  { name: 'many commands with mistakes', body: '/comptue "\n'.repeat(4_000) },
  { name: 'many explanations', body: '/explain /cox run A x=1\n'.repeat(3_000) },
  { name: 'an explanation of prefixes', body: `/explain ${'/cox '.repeat(20_000)}` },
  { name: 'one long word', body: `/${'a'.repeat(long)}` },
  { name: 'one long name', body: `/run ${'a'.repeat(long)}=1` },
])('ends: $name', async ({ body }) => {
  const told = parseCommands(body).map((item) =>
    item.kind === 'command' ? interpret(item.command, []) : collectErrors(item, []).length,
  );
  expect(told).not.toContain(0);
  // The timeout only applies to tests that wait.
  await wait(0);
});

test.each(['\n', ' ', '/', '\n /', '%', '%a', 'a\u0430\u03b1', 'a\u0430 ', 'a-', '\ud800'])(
  'ends: the other functions that read text, on repeated %j',
  async (piece) => {
    const text = piece.repeat(comment / piece.length);
    mayContainCommand(text);
    findMixedScripts(text);
    toLockKey(text);
    await wait(0);
  },
);
