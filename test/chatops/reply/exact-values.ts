import * as fc from 'fast-check';
import { table } from '../../../chatops/markdown/table.ts';
import { showCharacters } from '../../../chatops/reply/exact-text.ts';
import { parameterRow } from '../../../chatops/reply/exactly.ts';
import { nodesOf, parse } from './foreign.ts';

/** Characters that hide, fold, reorder or escape, and pieces that act in Markdown. */
const pieces = [
  '\u0000',
  '\u0007',
  '\t',
  '\n',
  '\r',
  '\u001b',
  '\u007f',
  '\u009b',
  '\u00a0',
  '\u00ad',
  '\u034f',
  '\u061c',
  '\u115f',
  '\u180e',
  '\u200b',
  '\u200e',
  '\u202e',
  '\u2028',
  '\u2060',
  '\u2066',
  '\u2800',
  '\u3000',
  '\u3164',
  '\ufe0f',
  '\ufeff',
  '\uffa0',
  '\ufff9',
  '\u{1d159}',
  '\u{e0041}',
  '\u{e0100}',
  '\ue000',
  '\ufdd0',
  '\ud800',
  '\udc00',
  '⚙️',
  '😀',
  '⟨',
  '⟩',
  '⟨U+001B⟩',
  ' ',
  '  ',
  '|',
  '\\',
  '\\|',
  '`',
  '``',
  '<!-- coxswain',
  '<br>',
  '&#45;',
  '**',
  '\u001b]0;',
  '\u001b[31m',
  '\u001b]8;;https://x\u0007',
  'web-1',
  '\u0336',
  '\u0301',
  'e\u0301',
  'a',
];

/** Values that try to look like others. */
export const deceptiveValue: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 8 })
  .map((parts) => parts.join(''));

const readBack = (shown: string): string =>
  shown.replaceAll(/⟨U\+([0-9A-F]{4,6})⟩/g, (_all, digits: string) =>
    String.fromCodePoint(parseInt(digits, 16)),
  );

/**
 * Describes how a value differs from what an approver reads in the table of a request; undefined if it does not differ. The
 * table is read as a parser of GitHub's Markdown reads it, with blanks folded as a browser folds them.
 */
export const describeMismatch = (value: string): string | undefined => {
  const shown = showCharacters(value);
  if (readBack(shown) !== value) return `${JSON.stringify(value)} is shown as ${JSON.stringify(shown)}`;
  const markdown = table(['What', 'Exactly'], [parameterRow('who', value)]);
  const code = nodesOf(parse(markdown)).flatMap((node) => (node.type === 'inlineCode' ? [node.value] : []));
  const read = (code[1] ?? '').replaceAll(/[ \t\n]+/g, ' ');
  return read === shown ? undefined : `${JSON.stringify(shown)} reads ${JSON.stringify(read)}`;
};
