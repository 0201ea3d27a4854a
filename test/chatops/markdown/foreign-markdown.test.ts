import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Nodes } from 'mdast';
import { parseCommands } from '../../../chatops/command/index.ts';
import { quoteMarkdown } from '../../../chatops/markdown/foreign-markdown/quote-markdown.ts';
import { grammars } from '../../fixtures/grammars.ts';
import { flattenNodes, hostileText, parseMarkdown } from '../../fixtures/hostile-text.ts';

const quote = (markdown: string): string | undefined => quoteMarkdown(markdown, 100_000).quote;

/** Lines of Markdown that act in some way, and what generators of Markdown write. */
const pieces = [
  '# ',
  '\n## Head\n',
  '**bold**',
  '*a',
  '**',
  '_',
  '__x__',
  '~~',
  '~~gone~~',
  '`code`',
  '``',
  '\n```mermaid\n',
  '\n~~~\n',
  '\n- ',
  '\n- [x] ',
  '\n  1. ',
  '\n7) ',
  '\n> ',
  '> [!NOTE]\n',
  '\n| a | b |\n|:--|--:|\n| 1 | ',
  '|',
  '\\|',
  '\n\n',
  '\n',
  '  \n',
  '\n---\n',
  '\n===\n',
  '\n    indented\n',
  '[text](https://example.org "t")',
  '![pic](https://example.org/a.png)',
  '[',
  '](',
  ')',
  '[a]: https://example.org\n',
  '[^1]',
  '[^1]: note\n',
  '<https://example.org>',
  'https://example.org/x',
  'www.example.org',
  'mona@example.org',
  '@mona',
  '@acme/ops',
  '#1',
  'GH-1',
  'acme/ops#1',
  'deadbeef0',
  '1234567',
  'fixes ',
  ':tada:',
  '$x$',
  '$$\nx\n$$',
  '<b>',
  '<details open>',
  '<!-- ',
  '-->',
  '<img src=x>',
  '<br>',
  '&lt;',
  '&#64;',
  '&amp;lt;',
  '\\',
  '\\*',
  '\n/lgtm\n',
  '\ncox run x\n',
  '\n<!-- coxswain:section 0 answer 12345678 -->\n',
  'sig\\=secret',
  'word',
  ' ',
  '(',
  '.',
  'é',
  '数据',
  '👩‍💻',
  '\u00A0',
  '\u3000',
  '\u200B',
  '\u202E',
  '\0',
  '\t',
];

const foreignMarkdown = fc.oneof(
  fc
    .array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...pieces) }, fc.string({ maxLength: 4 })), {
      maxLength: 30,
    })
    .map((parts) => parts.join('')),
  hostileText,
);

const allowedNodes = new Set(
  'root blockquote paragraph text strong emphasis delete inlineCode code list listItem table tableRow tableCell break'.split(
    ' ',
  ),
);

/** What GitHub makes of a text outside code: mentions, references, links, emoji and math. Also what is left of marks that parse as text. */
const effects = [
  /@[\p{L}\d]/u,
  /#\d/,
  /\bGH-\d/i,
  /\p{L}-\d/u,
  /(?<![\p{L}\p{N}])[0-9a-f]{7,40}(?![\p{L}\p{N}])/iu,
  /:\/\/|www\./i,
  /:[\w+-]+:/,
  /\$/,
  /[*_~`[\]<>|\\]/,
];

/** Returns what could have an effect in Markdown that we write. */
const findEffects = (markdown: string): string[] =>
  flattenNodes(parseMarkdown(markdown)).flatMap((node: Nodes) => {
    if (node.type === 'html') return node.value === '<br>' ? [] : [node.value];
    if (node.type === 'listItem' && typeof node.checked === 'boolean') return ['a checkbox'];
    if (node.type === 'code' && !/^[a-z]+$/.test(node.lang ?? '')) return [`a fence of ${node.lang}`];
    if (node.type === 'code' && /^(mermaid|math|geojson|topojson|stl|suggestion)$/.test(node.lang ?? ''))
      return [`a fence of ${node.lang}`];
    if (node.type === 'text') return effects.some((effect) => effect.test(node.value)) ? [node.value] : [];
    return allowedNodes.has(node.type) ? [] : [node.type];
  });

test('nothing in foreign Markdown has an effect, and none of it leaves the quote', () => {
  fc.assert(
    fc.property(foreignMarkdown, (markdown) => {
      const shown = quote(markdown) ?? '>';
      expect(findEffects(shown)).toEqual([]);
      const tree = parseMarkdown(`${shown}\n\nafter`);
      expect('children' in tree && tree.children.map(({ type }) => type)).toEqual([
        'blockquote',
        'paragraph',
      ]);
      for (const line of shown.split('\n')) expect(line).toMatch(/^>( |$)/);
      for (const grammar of grammars) expect(parseCommands(shown, grammar)).toEqual([]);
      expect(shown).not.toMatch(/<!-- coxswain|(?<![a-z0-9])sig=secret|seζcret/i);
      expect(shown.isWellFormed()).toBe(true);
    }),
    { numRuns: 500 },
  );
});

const words = fc.array(
  fc.constantFrom(
    ...'Sales grew by 4.2% (again), see https://x.org/a?b=1 @mona acme/ops#1 GH-1 don’t +3 - = 12:30 :tada: C++ 1234567 "so" Größe 数据'.split(
      ' ',
    ),
  ),
  { minLength: 1, maxLength: 12 },
);

/** Returns the text that a reader sees. */
const toVisibleText = (markdown: string): string =>
  flattenNodes(parseMarkdown(markdown))
    .map((node) => (node.type === 'text' || node.type === 'inlineCode' ? node.value : ''))
    .join('');

test('every word of a paragraph is shown, in order', () => {
  fc.assert(
    fc.property(words, (list) => {
      const line = `It: ${list.join(' ')}`;
      expect(toVisibleText(quote(line) ?? '')).toBe(line);
    }),
  );
});

test.each([
  ['a heading', '## Sales of **May**', '> **Sales of May**'],
  ['a heading below a line', 'Sales\n=====', '> **Sales**'],
  ['emphasis', '**a** *b* ~~c~~ ***d*** (**e**)', '> **a** _b_ ~~c~~ _**d**_ (**e**)'],
  ['emphasis within a word, which parsers read differently', 'a**b**c *x*y', '> abc xy'],
  ['a paragraph of two lines', 'one\ntwo', '> one\n> two'],
  ['a hard line break', 'one  \ntwo<br/>three', '> one<br>two<br>three'],
  ['line breaks at the edges of lines', '<br>\n@mona<br>\n<br>\n<br>x<br>', '> `@mona`\n> x'],
  ['a list', '* a\n* b\n  - c', '> - a\n> - b\n>   - c'],
  ['a list with numbers', '3. a\n4. b', '> 3. a\n> 4. b'],
  ['a list item with two paragraphs', '- a\n\n  b', '> - a\n>\n>   b'],
  ['checkboxes', '- [x] a\n- [ ] b', '> - ✅ a\n> - ⬜ b'],
  ['a number that is no list', 'see\n\\1. a', '> see\n> `\\1.` a'],
  ['a dash that is no list', '\\- a', '> `-` a'],
  ['a quote', '> a\n> - b', '> > a\n> >\n> > - b'],
  ['an alert', '> [!NOTE]\n> a', '> > `[!NOTE]`\n> > a'],
  ['a table', '|a|b|\n|-|-:|\n|`x`|1\\|2|', '> | a | b |\n> | --- | --: |\n> | `x` | `1\\|2` |'],
  ['code', '```js\na`b\n/lgtm\n```', '> ```js\n> a`b\n> /lgtm\n> ```'],
  ['code that GitHub would draw', '```mermaid\na\n```', '> ```text\n> a\n> ```'],
  ['indented code', '    a\n    b', '> ```text\n> a\n> b\n> ```'],
  ['code that contains a fence', '````\n```\n````', '> ````text\n> ```\n> ````'],
  ['a rule', 'a\n\n---\n\nb', '> a\n>\n> b'],
  [
    'a link',
    'see [the *good* page](https://x.org/a_(b) "t").',
    '> see the _good_ page `https://x.org/a_(b)`.',
  ],
  ['a link whose text is its address', '[https://x.org](https://x.org)', '> `https://x.org`'],
  ['an image', '![a chart](chart.png)', '> a chart `chart.png`'],
  ['a link by reference', '[a][b]\n\n[b]: https://x.org', '> `[a][b]`\n>\n> `[b]: https://x.org`'],
  ['HTML', 'a <b>c</b>\n\n<div>\nx', '> a `<b>c</b>`\n>\n> `<div>`\n> x'],
  ['entities', '1 &lt; 2 &amp; 3 &#64;mona &copy;', '> 1 `<` 2 `&` 3 `@mona &copy;`'],
  ['a mention in two parts', '@*mona* G**H-1** @`mona`', '> `@mona GH-1 @mona`'],
  ['code beside code', '`a`\\*`b` `` ` ``', '> `a*b` `` ` ``'],
  ['nothing', ' \n\t\n', undefined],
])('%s', (_what, markdown, shown) => {
  expect(quote(markdown)).toBe(shown);
});

test('what is nested too deeply, or too wide, is shown as code', () => {
  const deep = `${'> '.repeat(30)}@mona`;
  expect(quote(deep)).toBe(`> \`\`\`text\n> ${deep}\n> \`\`\``);
  const wide = `${'|a'.repeat(40)}|\n${'|-'.repeat(40)}|\n|x|`;
  expect(quote(`${wide}\n\nb`)).toBe(`> \`\`\`text\n> ${wide.replaceAll('\n', '\n> ')}\n> \`\`\`\n>\n> b`);
});

test('a long text is cut, at the end of a line if one is near', () => {
  const lines = Array.from({ length: 100 }, (_, n) => `- item ${n}`).join('\n');
  const { quote: shown, isCut } = quoteMarkdown(lines, 500);
  expect(isCut).toBe(true);
  expect(shown?.length).toBeLessThanOrEqual(500);
  expect(shown).toMatch(/^> - item 0\n(> - item \d+\n)+> - item \d+$/);
  expect(quoteMarkdown(lines, 5_000)).toEqual({ quote: quote(lines), isCut: false });
  expect(quoteMarkdown('a\n'.repeat(1_000), 100_000).isCut).toBe(true);
  expect(quoteMarkdown('word', 0)).toEqual({ quote: undefined, isCut: true });
});

test('a cut text has no effect and fits', () => {
  fc.assert(
    fc.property(foreignMarkdown, fc.nat(300), (markdown, maxLength) => {
      const { quote: shown = '' } = quoteMarkdown(markdown, maxLength);
      expect(shown.length).toBeLessThanOrEqual(maxLength);
      expect(findEffects(shown)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

/** Texts of 16 KiB that make parsers slow, as sources of JavaScript. In a separate process, because a running parser cannot be interrupted. */
test('hostile texts of 16 KiB are rendered quickly', async () => {
  const source = `import { quoteMarkdown } from './chatops/markdown/foreign-markdown/quote-markdown.ts';
    const parts = ['>', '> ', '- ', '1) ', '- a\\n  ', '[', '![', '[[]', '[a](', '[a](b "', '*a **b ', 'a**b', '_a __b', '~~a ', '**', '\\u0060',
      '~~~\\n', '|', '|-', '| a ', '* a\\n', 'a\\n', 'a\\n-\\n', '<', '&', '&lt;', '\\\\*', '#', ':a', 'a:', 'a/', '.', '(', '"', '@ a '];
    const texts = parts.map((part) => part.repeat(16_384 / part.length));
    texts.push(Array.from({ length: 180 }, (_, n) => '\\u0060'.repeat(n) + 'a').join(''));
    texts.push('|a'.repeat(20) + '|\\n' + '|-'.repeat(20) + '|\\n' + '|\\n'.repeat(8_000));
    texts.push('*'.repeat(8_000) + 'a' + '*'.repeat(8_000));
    for (const text of texts) quoteMarkdown(text, 20_000);
    console.log(texts.length);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', source], {
    timeout: 60_000,
  });
  expect(Number(stdout)).toBeGreaterThan(30);
}, 90_000);
