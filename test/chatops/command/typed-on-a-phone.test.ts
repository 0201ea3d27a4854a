import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  defaultGrammar,
  interpret,
  mayContainCommand,
  parseComment,
  type Command,
} from '../../../chatops/command/index.ts';
import { checkVisibleLines } from '../../../chatops/markdown-visibility/second-reader/check-visible-lines.ts';
import { renderParseErrors } from '../../../chatops/reply/answers/parse-errors.ts';
import { showCharacters } from '../../../chatops/reply/exact-text.ts';
import { parseErrors, parseOnlyCommand, parseOnlyItem } from '../../fixtures/comments/parsed-commands.ts';

/* What phones, mail programs and keyboards of other languages make of a command. */

const marks: readonly [name: string, open: string, close: string][] = [
  ['English', '“', '”'],
  ['Swedish, and phones after an equals sign', '”', '”'],
  ['German', '„', '“'],
  ['Polish', '„', '”'],
  ['Hungarian, reversed', '‟', '”'],
  ['English, single', '‘', '’'],
  ['German, single', '‚', '‘'],
  ['French', '«', '»'],
  ['Danish', '»', '«'],
  ['Finnish', '»', '»'],
  ['French, single', '‹', '›'],
  ['Japanese', '「', '」'],
  ['Japanese, double', '『', '』'],
  ['Japanese, half width', '｢', '｣'],
  ['Chinese, vertical', '﹁', '﹂'],
  ['Chinese, primes', '〝', '〞'],
  ['fullwidth', '＂', '＂'],
  ['fullwidth, single', '＇', '＇'],
  ['primes', '″', '″'],
  ['prime', '′', '′'],
  ['acute accents', '´', '´'],
  ['a phone, and then a keyboard', '“', '"'],
];

test.each(marks)('quotation marks pair up: %s', (_, open, close) => {
  const { parameters, positionals, canonical } = parseOnlyCommand(
    `/run ${open}Hello${close} who=${open}two words${close} b=2`,
  );
  expect({ parameters, positionals }).toEqual({
    parameters: { b: '2', who: 'two words' },
    positionals: ['Hello'],
  });
  expect(canonical).toBe('/run Hello b=2 who="two words"');
  expect(interpret(parseOnlyCommand(`/reject 3k7v9q2m4x ${open}not now${close}`), [])).toMatchObject({
    intent: { reason: 'not now' },
  });
});

test('marks of the keyboard are closed only by themselves, so that other marks can be in a value', () => {
  const { parameters } = parseOnlyCommand(
    String.raw`/run Hello a="say “hi”" b='„x“' c=“say \"hi\" \”there\” \\ \<b>” d=O’Brien e=名前「x」 f=5″`,
  );
  expect(parameters).toEqual({
    a: 'say “hi”',
    b: '„x“',
    c: String.raw`say "hi" ”there” \ <b>`,
    d: 'O’Brien',
    e: '名前「x」',
    f: '5″',
  });
});

test('a value that starts with a typographic mark keeps it in its canonical text', () => {
  for (const value of ['“b”', '«b', '’tis', 'b“c'])
    expect(parseOnlyCommand(parseOnlyCommand(`/run A x="${value}"`).canonical).parameters).toEqual({
      x: value,
    });
});

test.each<[written: string, code: string, received: string]>([
  ['/run A x=“b c', 'unclosed-quote', 'the end of the line'],
  ['/run A x="b c”', 'unclosed-quote', '” (U+201D)'],
  ["/run A x='b c’", 'unclosed-quote', '’ (U+2019)'],
  ['/run A x=«b c”', 'unclosed-quote', 'the end of the line'],
  ['/run A x=b“c d”', 'quote-inside', '“ (U+201C) inside it'],
  ['/compute 10 x=b“c y=1”', 'quote-inside', '“ (U+201C) inside it'],
  ['/run A x=“say "hi" now”', 'stray-text', 'more text'],
])('an unclear mark is named: %s', (text, code, received) => {
  expect(parseErrors(text)[0]).toMatchObject({ code, received });
});

/** Blanks and marks that are inserted before the first word of a line. */
const blanks = ['\u00a0', '\u3000', '\u2003', '\u202f', '\ufeff', '\u00a0 \u00a0', '\ufeff\u00a0', ' \u00a0'];

test.each(blanks)('a command after a blank counts: %j', async (blank) => {
  for (const [before, after] of [
    ['', ''],
    ['Please:\n\n', '\n\nThanks'],
    ['Please:\n', '\nThanks'],
  ]) {
    const body = `${before}${blank}/run Hello who=x${after}`;
    expect(mayContainCommand(body)).toBe(true);
    const items = await parseComment(body, defaultGrammar, async (text, lines) =>
      checkVisibleLines({ text, lines }),
    );
    expect(items).toMatchObject([{ kind: 'command', command: { canonical: '/run Hello who=x' } }]);
  }
});

test.each([
  '\ufeff    /run Hello',
  '\ufeff- /run Hello',
  '\ufeff> /run Hello',
  '    \u00a0/run Hello',
  'a\n\n\t\u00a0/run Hello',
  '> \u00a0/run Hello',
  '```\n\u00a0/run Hello\n```',
])('a blank makes no command of code, lists and quotes: %j', async (body) => {
  const items = await parseComment(body, defaultGrammar, async (text, lines) =>
    checkVisibleLines({ text, lines }),
  );
  expect(items.filter(({ kind }) => kind === 'command')).toEqual([]);
});

test.each<[string, string]>([
  ['\u200b', 'U+200B is an invisible character'],
  ['\u2060', 'U+2060 is an invisible character'],
  ['\u00ad', 'U+00AD is an invisible character'],
  ['\u200f', 'U+200F is a character that changes the direction of text'],
  ['\u{e0041}', 'U+E0041 is an invisible tag character'],
])('an invisible character before a command is named: %j', async (char, message) => {
  const [item, ...more] = await parseComment(`${char}/run Hello`, defaultGrammar, async (text, lines) =>
    checkVisibleLines({ text, lines }),
  );
  expect(more).toEqual([]);
  expect(item).toMatchObject({ kind: 'invalid', errors: [{ message, position: { line: 1, column: 1 } }] });
});

const emoji = ['1️⃣', '#️⃣', '*️⃣', '❤️', '👩‍💻', '👨‍👩‍👧', '🏳️‍🌈', '❤️‍🔥', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🇩🇪', '👍🏽'];

test.each(emoji)('an emoji is a character: %s', (char) => {
  expect(parseOnlyCommand(`/run Hello who=${char} b="a${char}b"`).parameters).toEqual({
    b: `a${char}b`,
    who: char,
  });
  expect(interpret(parseOnlyCommand(`/compute ${char}`), [])).toMatchObject({
    errors: [{ code: 'wrong-type' }],
  });
  expect(parseOnlyItem(`/compute ${char} x=`)).toMatchObject({ heading: `/compute ${char} x=` });
});

test('a keycap is shown to approvers as it is, and a part of one as its code points', () => {
  expect(['1️⃣', 'a1️⃣b', '1\u20e3', '1\ufe0f', '1️⃣\u0301', '1️⃣\ufe0f'].map(showCharacters)).toEqual([
    '1️⃣',
    'a1️⃣b',
    '1⟨U+20E3⟩',
    '1⟨U+FE0F⟩',
    '1️⃣\u0301',
    '1️⃣⟨U+FE0F⟩',
  ]);
});

test('parts of an emoji sequence are refused', () => {
  for (const text of [
    '1\ufe0f',
    '1\u200d2',
    '👩\u200d',
    '\u200d💻',
    '🏴\u{e0067}\u{e007f}',
    '👩\u200d👩\u200d💻',
  ])
    expect(new Set(parseErrors(`/run A x=${text}`).map(({ code }) => code))).toEqual(
      new Set(['refused-character']),
    );
});

test('an error names the characters of a phone', () => {
  const interpreted = interpret(parseOnlyCommand('/compute 10 algorithm=monte—carlo—pi'), []);
  const errors = 'errors' in interpreted ? interpreted.errors : [];
  const shown = errors.map((error) => ({ ...error, position: null }));
  expect(renderParseErrors('/compute 10', shown)).toContain(
    'It contains `— (U+2014)`, which only looks like an ASCII character.',
  );
});

test('two commands that are read as different are shown as different', () => {
  const piece = fc.constantFrom(
    ...marks.flatMap(([, open, close]) => [open, close]),
    '"',
    "'",
    '\\',
    ' ',
    'b',
    '=',
    'y=',
    '—',
    '1️⃣',
    '\u00a0',
    '\ufeff',
  );
  const line = fc.array(piece, { maxLength: 8 }).map((parts) => `/compute 10 x=${parts.join('')}`);
  /** Returns a line with all marks of the same kind written alike, as a hurried reader sees it. */
  const look = (text: string): string =>
    text
      .replaceAll(/["“”„‟〝〞〟＂]/gu, '"')
      .replaceAll(/['‘’‚‛＇]/gu, "'")
      .replaceAll(/\p{Zs}/gu, ' ');
  fc.assert(
    fc.property(line, (text) => {
      const item = parseOnlyItem(text);
      const seen = parseOnlyItem(look(text));
      if (item.kind !== 'command' || seen.kind !== 'command') return;
      const summarize = ({ positionals, parameters }: Command) => [
        positionals.map(look),
        Object.entries(parameters).map(([name, value]) => [name, look(value)]),
      ];
      expect(summarize(item.command)).toEqual(summarize(seen.command));
    }),
    { numRuns: 3_000 },
  );
});
