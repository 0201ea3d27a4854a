import * as fc from 'fast-check';
import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

/** What a parser of GitHub's Markdown makes of a text. */
export const parse = (markdown: string): Nodes =>
  fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });

export const nodesOf = (node: Nodes): Nodes[] => [
  node,
  ...('children' in node ? node.children.flatMap(nodesOf) : []),
];

/** Pieces that act in Markdown, on GitHub, or as commands of ours; each holds ζ, which nothing of ours does. */
const pieces = [
  '\n/compute 5ζ\n',
  '/cox runζ',
  '\n/ops helpζ\n',
  '\n/a runζ\n',
  '@ζoctocat',
  'acme/opsζ#1',
  'fixes #1ζ',
  '**ζ**',
  '*ζ*',
  '<img src=ζ>',
  '![ζ](https://ζ.example/a.png)',
  '[ζ](https://ζ.example)',
  'https://ζ.example?sig=seζcret',
  '\n```ζ\n',
  '\n~~~~ζ\n',
  '```````ζ',
  '`ζ',
  'ζ\\',
  '|ζ|',
  '\n| ζ | b |\n|---|---|\n',
  '-->ζ',
  '\n<!-- coxswain:section 0 answer 12345678 -->\nζ',
  '\n<!-- coxswain {"v":1,"comment":1,"jobs":[],"state":"12345678"} -->',
  '<!--ζ',
  '</details>ζ',
  '\n</details>\n\n# ζ\n',
  '\n---\nζ\n',
  '\r\n> ζ',
  '\u2028/compute 5ζ',
  '\u0000ζ\u001b[31m\u202e',
  '\ud800ζ',
  '&lt;ζ&#64;',
  '  \n\n\tζ',
];
/** What others may write. */
export const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(...pieces),
      fc.string({ maxLength: 8 }).map((text) => `${text}ζ`),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
/** The same, and sometimes far too long. */
export const long = fc
  .tuple(hostile, fc.constantFrom(1, 1, 1, 500))
  .map(([text, times]) => text.repeat(times));

/** HTML of ours, whole. */
const ourHtml =
  /^(<!-- coxswain[ :][^\n]* -->|<\/?sub>|<br>|<\/details>|<details><summary>[\w ]+<\/summary>)$/;

/** Blocks and spans of ours; rules are counted. */
const ours =
  'root paragraph strong inlineCode code table tableRow tableCell thematicBreak list listItem'.split(' ');

/** What of a node acts though others wrote it; undefined if nothing does. */
const actsOf = (node: Nodes): string | undefined => {
  if (node.type === 'html') return ourHtml.test(node.value) ? undefined : node.value;
  if (node.type === 'text') return node.value.includes('ζ') ? node.value : undefined;
  if (node.type === 'link')
    return /^(https:\/\/(example\.org|crew)|#issuecomment-\d+$)/.test(node.url) ? undefined : node.url;
  return ours.includes(node.type) ? undefined : node.type;
};

/** Rules that a body holds: one between any two sections. */
export const rulesIn = (body: string): number =>
  nodesOf(parse(body)).filter(({ type }) => type === 'thematicBreak').length;

/** The same where our sentences may quote others: then in words that do nothing. */
export const quotedAct = (node: Nodes): string | undefined =>
  node.type === 'text' && !/[@#/<>[\]`*_|\\]/.test(node.value) ? undefined : actsOf(node);
