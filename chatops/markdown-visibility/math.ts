import type { TextRange } from './paragraph.ts';
import { visibility } from './visibility.ts';

/**
 * Returns what GitHub may render as a formula: text between `$$` and `$$` anywhere, and, within a paragraph, between a `$` that
 * does not follow a word and a `$` that no word follows. This includes more than GitHub renders.
 */
export const findMath = (text: string, marks: Uint8Array): TextRange[] => {
  const found: TextRange[] = [];
  let block: number | undefined;
  let inline: number | undefined;
  let last = 0;
  for (const { 0: run, index } of text.matchAll(/\$+/g)) {
    if (marks[index] !== visibility.visible && marks[index] !== visibility.uncertain) continue;
    const end = index + run.length;
    if (/\n[ \t>]*\n/.test(text.slice(last, index))) inline = undefined;
    last = index;
    if (run.length > 1) {
      if (block === undefined) block = index;
      else {
        found.push({ start: block, end });
        block = undefined;
      }
    } else if (inline !== undefined && mayClose(text, index)) {
      found.push({ start: inline, end });
      inline = undefined;
    } else if (mayOpen(text, index)) inline ??= index;
  }
  return found;
};

const mayOpen = (text: string, at: number): boolean =>
  !/[\p{L}\p{N}]/u.test(text.charAt(at - 1)) && /\S/.test(text.charAt(at + 1));

const mayClose = (text: string, at: number): boolean =>
  /\S/.test(text.charAt(at - 1)) && !/[\p{L}\p{N}]/u.test(text.charAt(at + 1));
