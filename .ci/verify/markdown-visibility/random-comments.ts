import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

const command = '/compute 1';

const lines = [
  `\n${command}\n`,
  `\n\u00A0${command}\n`,
  `\n\n${command}\n\n`,
  `\n\n${command}\n\n`,
  '\n',
  '\n\n',
  '\n\n',
];
const containers = ['> ', '- ', '  ', '1. ', '2. ', '   ', '    ', '[^a]: ', '\n[^a]: ', '+ '];
const leaves = [
  '# ',
  '\n---\n',
  '\n```\n',
  '~~~',
  '***',
  '| a |\n| - |\n',
  '| ',
  ' |\n',
  '|-|',
  '[a]: ',
  '[a]: /u "',
];
const inline = [
  'a',
  'x ',
  '`',
  '``',
  '\\',
  '*',
  '_',
  '"',
  "'",
  '>',
  '=',
  '/',
  '-',
  '--',
  '$',
  '$$',
  '~',
  '~~',
  ' ~~',
];
const links = [
  '[',
  ']',
  '](',
  '](x "',
  '")',
  '![',
  '[^a]',
  '[a]',
  'www.a.b',
  'https://x.y/',
  '<http://x.y>',
  '<a@b.c>',
];
const entities = [
  '\uFEFF',
  '\u00A0',
  '\u3000 ',
  '\u200B',
  '&amp;',
  '&#45;',
  '&lt;',
  '&quot;',
  '&#39;',
  '&',
  '\f',
  '\v',
  '\t',
];
const comments = ['<!--', '-->', '<!-- -->', '<!-->', '<!--->', '--!>', '<!-- a -- b -->', '->'];
const declarations = ['<?', '?>', '<?php', '<!X', '<!x', '<!X y>', '<![CDATA[', ']]>', '<!DOCTYPE html>'];
const tagParts = [
  '<a title="',
  '">',
  "<b x='",
  "'>",
  '<div',
  '<div a="<">',
  '<a b=c',
  ' b=',
  '</div',
  '<',
  '</',
  '/>',
  '<details\n',
];
const elements = (
  'a b s strike del ins div span p details summary ul li ol table tr td th tbody caption blockquote pre code kbd em ' +
  'button object select option svg math template textarea title style script xmp iframe noembed noframes noscript video ' +
  'ruby rp rt bdo h2 dl dd dt form font nobr center section search source picture address marquee T x-y body'
).split(' ');
const voids = ['<br>', '<hr>', '<img src="x">', '<input>', '<br/>'];

/** The building blocks of documents: lists with their weights. */
const palette: readonly [number, readonly string[]][] = [
  [22, lines],
  [8, containers],
  [5, leaves],
  [6, inline],
  [4, links],
  [1, entities],
  [4, comments],
  [2, declarations],
  [5, tagParts],
  [2, voids],
];
const weight = palette.reduce((sum, [count]) => sum + count, 0);
/** Additional elements. */
const elementWeight = 22;

/** Generates endless comments that mix Markdown, HTML and commands; the same for the same seed. */
export function* generateComments(seed: number): Generator<string, never> {
  const random = xoroshiro128plus(seed);
  const upTo = (most: number): number => uniformInt(random, 0, most);
  const pick = (all: readonly string[]): string => all[upTo(all.length - 1)] ?? '';
  const tag = (few: readonly string[]): string => {
    const name = pick(few);
    const form = upTo(9);
    if (form < 5) return `<${name}>`;
    return form < 9 ? `</${name}>` : `<${name} a="b">`;
  };
  const piece = (few: readonly string[]): string => {
    let at = upTo(weight + elementWeight - 1);
    for (const [count, list] of palette) {
      if (at < count) return pick(list);
      at -= count;
    }
    return tag(few);
  };
  for (;;) {
    // Use few elements per document, so that their tags interact.
    const few = [pick(elements), pick(elements), pick(elements)];
    const parts = Array.from({ length: 3 + upTo(21) }, () => piece(few));
    yield `${parts.join('')}\n\n${command}\n`;
  }
}
