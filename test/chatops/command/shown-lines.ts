import * as fc from 'fast-check';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { parse } from 'parse5';
import { readCommands, type Command } from '../../../chatops/command/index.ts';
import { readableText } from '../../../chatops/command/second/readable-text.ts';
import { look } from '../../../chatops/command/visible/index.ts';
import { sights } from '../../../chatops/command/visible/sights.ts';

/** What stands around a command, a line or two each. */
const around = [
  ['', '', '', 'text', 'a `', '` b', '``', '~~', '~', '$', '$$', '[', '](z)', '![', '"', "'", '*', '**', '_'],
  [
    '| a |\n| - |',
    'a | b\n- | -',
    '|-|',
    '| c |',
    'x | y',
    '[a]: /u',
    '[a]: /u "',
    '[^a]: note',
    '[^a]',
    '[a]',
  ],
  [
    '<div>',
    '</div>',
    '<b>',
    '</b>',
    '<details>',
    '</details>',
    '<a title="',
    '">',
    '<!--',
    '-->',
    '<!-- -->',
  ],
  ['- a', '1. a', '> q', '# h', '---', '===', '***', '```', '    code', 'https://a.b/`', 'www.a.b/[', '<br>'],
].flat();

/** What a command may hold. */
const inside = [
  [
    'who=x',
    'b=2',
    ' ',
    ' ',
    ' ',
    'c',
    '1',
    '|',
    '\\|',
    '`',
    '``',
    '\\',
    '*',
    '**',
    '_',
    '~',
    '~~',
    '$',
    '"',
    "'",
  ],
  [
    '<b>',
    '</b>',
    '<br>',
    '<del>',
    '</del>',
    '<!-- n -->',
    '<!--',
    '-->',
    '<',
    '>',
    '&amp;',
    '&#45;',
    '&',
    '!',
  ],
  [
    '[',
    ']',
    '](y)',
    '](y "t")',
    '[a]',
    '[^a]',
    '![',
    '<https://a.b>',
    'https://a.b',
    'www.a.b',
    'x@y.z',
    ':x:',
    '#7',
  ],
].flat();

const line = fc
  .array(fc.constantFrom(...inside), { maxLength: 8 })
  .map((parts) => `/run A ${parts.join('')}`);

/** Comments with commands whose lines hold what Markdown may hide, replace, or show elsewhere. */
export const commentWithCommands: fc.Arbitrary<string> = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...around) }, { weight: 2, arbitrary: line }), {
    minLength: 1,
    maxLength: 7,
  })
  .map((lines) => lines.join('\n'));

/** What of a text Markdown leaves as it is: letters, numbers, and marks that mean nothing to it. */
const plain = (text: string): string => text.replaceAll(/[^\p{L}\p{N}=:;.,@%?+/"'-]/gu, '');

/** A letter in place of a command's first, by which its line is found in the document. */
const mark = '\uac00';

/**
 * Describes how the line of a command that we would carry out differs from what other people's parsers show of it; undefined if
 * none does.
 */
export const describeHidden = (body: string): string | undefined => {
  const commands = readCommands(body).flatMap((item) => (item.kind === 'command' ? [item.command] : []));
  for (const command of commands) {
    const [written, shown] = linesOf(body, command);
    if (plain(written) !== plain(shown))
      return `${JSON.stringify(body)}: ${JSON.stringify(written)} is shown as ${JSON.stringify(shown)}`;
  }
  return undefined;
};

/** A command's line as it is written, without HTML comments, and as it is shown. */
const linesOf = (body: string, { position }: Command): [written: string, shown: string] => {
  const { text, marks } = look(body);
  const start =
    text
      .split('\n')
      .slice(0, position.line - 1)
      .join('\n').length + Number(position.line > 1);
  const at = start + position.column - 1;
  const end = `${text}\n`.indexOf('\n', at);
  const written = text
    .slice(at, end)
    .replaceAll(/[^]/g, (char, n: number) => (marks[at + n] === sights.note ? '' : char));
  const html = micromark(`${text.slice(0, at + 1)}${mark}${text.slice(at + 2)}`, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  // Code is shown, too; only no command begins in it.
  const page = parse(`<!doctype html><body>${html.replaceAll(/<\/?code>/g, '')}`);
  const lines = readableText(page).split('\n');
  const shown = lines.find((one) => one.includes(mark)) ?? '';
  return [written, shown.replace(mark, text.charAt(at + 1))];
};
