import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseCommands } from '../../../chatops/command/index.ts';
import { visibleCommands, hiddenCommands } from '../../fixtures/comments/visibility-cases.ts';
import { findSlashes } from '../../fixtures/comments/mdast-oracle.ts';

/** Returns the offsets of the commands that we find in a body whose lines end in LF. */
const found = (body: string): number[] => {
  const starts = [0];
  for (const { index } of body.matchAll(/\n/g)) starts.push(index + 1);
  return parseCommands(body).map((item) => {
    const { line, column } = item.kind === 'command' ? item.command.position : item.position;
    return (starts[line - 1] ?? 0) + column - 1;
  });
};

/** Returns the commands that we find where micromark sees none. */
const wrong = (body: string): number[] => {
  const text = new Set(
    findSlashes(body)
      .filter(({ isText }) => isText)
      .map(({ offset }) => offset),
  );
  return found(body).filter((offset) => !text.has(offset));
};

/** Returns the lines of plain paragraphs that begin with a command that we do not find. */
const missed = (body: string): number[] => {
  const ours = new Set(found(body));
  return findSlashes(body)
    .filter(({ offset, isPlain }) => isPlain && !ours.has(offset))
    .map(({ offset }) => offset);
};

/** The documents are the same in each run: where Markdown parsers disagree, a new document could fail for no other reason. */
const runs = { seed: 7, numRuns: 2_500 };

const command = '/compute 1 ';
const lines = [command, command, command, '\n', '\n', '\n', '\n\n', `\n${command}`];
const containers = ['> ', '>', '- ', '* ', '+ ', '1. ', '1) ', ' ', '  ', '   '];
/** Parsers disagree about the text after some of these, so it contains no commands. */
const disputed = ['2. ', '[^a]: ', '    ', '\t', '[a]:', '[a]: /u', '[', '<x>', '</x>'];
const leaves = ['# ', '---', '===', '-', '=', '***', '```', '````', '~~~', '~~~~'];
const tables = ['| a |\n| - |\n', 'a|b\n-|-', '|-|', '|'];
const inline = ['a', 'é', '`', '``', '\\', '*', '_', '&amp;', '<', '>', '#', '$', '!'];
const links = [
  '](',
  '](x "',
  '")',
  ')',
  '[a]',
  ' "t',
  '"',
  "'",
  '(',
  '![',
  '[b][a]',
  '[^a]',
  ']',
  '][',
  '[]',
];
const html = [
  '<!--',
  '-->',
  '<!-->',
  '<!--->',
  '<a b="',
  '">',
  "<x y='",
  '<div>',
  '</div>',
  '<script>',
  '</script>',
];
const moreHtml = ['<?', '?>', '<!A', '<![CDATA[', ']]>', '<textarea>', '<a@b.c>'];
const conceals = ['<pre>', '</pre>', '<details>', '</details>', '<blockquote>'];
const addresses = [
  '<http://x.y>',
  'ftp://x.y/',
  'HTTP://x.y\\',
  'http://x.y/',
  'www.a.b',
  'https://x.y/a[]',
  'a@b.c',
];

const documents = (pieces: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...pieces), { minLength: 4, maxLength: 24, size: 'max' })
    .map((parts) => parts.join(''));

const certain = [...lines, ...containers, ...leaves, ...inline, ...links, ...html, ...moreHtml];

test('no command is found where micromark sees code, HTML, a quote, an image or parts of a link', () => {
  const all = documents([...certain, ...disputed, ...tables, ...conceals, ...addresses]);
  fc.assert(
    fc.property(all, (body) => expect(wrong(body)).toEqual([])),
    runs,
  );
});

/** Texts that hide nothing after them. */
const plain = [
  ...lines,
  ...containers,
  ...leaves,
  ...inline.filter((piece) => piece !== '<' && piece !== '$'),
];
const closed = ['<!-- a -->', '<br>', '<b>c</b>', '\n\n<div>\n\na\n\n</div>\n\n', '\n\n<!--\n\n-->\n\n'];

test('every command that starts a line of a plain paragraph is found', () => {
  for (const pieces of [
    [...plain, ...links],
    [...plain, ...closed],
  ])
    fc.assert(
      fc.property(documents(pieces), (body) => expect(missed(body)).toEqual([])),
      runs,
    );
});

test('the same for the listed cases', () => {
  for (const body of Object.values(hiddenCommands)) expect(wrong(body)).toEqual([]);
  for (const [body] of Object.values(visibleCommands)) {
    const text = body.replaceAll('\r\n', '\n');
    expect([wrong(text), conceals.some((tag) => body.includes(tag)) ? [] : missed(text)]).toEqual([[], []]);
  }
});

const readmes = [
  'azurite',
  'fast-check',
  'jest',
  'markdown-it',
  'nock',
  'pino',
  'prom-client',
  'probot',
  'sanitize-html',
  'valibot',
];

test.each(readmes)('the same for a README with commands between its lines: %s', (name) => {
  const lines = readFileSync(`node_modules/${name}/README.md`, 'utf8')
    .replaceAll('\r\n', '\n')
    .split('\n')
    .slice(0, 400);
  const body = lines.map((line, n) => (n % 3 === 0 ? `${line}\n/compute ${n}` : line)).join('\n');
  expect(wrong(body)).toEqual([]);
  // The other parser does not handle HTML that hides Markdown.
  if (!/<(?:details|pre|code|blockquote)\b/i.test(body)) expect(missed(body)).toEqual([]);
});
