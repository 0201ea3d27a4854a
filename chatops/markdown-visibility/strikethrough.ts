import type { TextRange } from './paragraph.ts';
import { visibility } from './visibility.ts';

type Run = TextRange & { opens: boolean; closes: boolean };

const blank = /^\s$/u;
const mark = /^[\p{P}\p{S}]$/u;

/**
 * Returns the text of a paragraph that one or two tildes on both sides strike out. Where delimiters combine in other ways, this
 * includes more than that. `marks`: the marks of the paragraph.
 */
export const findStrikethrough = (
  text: string,
  marks: Uint8Array,
  { start, end }: TextRange,
): TextRange[] => {
  const runs: Run[] = [];
  for (const { 0: run, index } of text.slice(start, end).matchAll(/~+/g)) {
    for (const escaped of escapedIn(text, start + index)) {
      const [at, length] = [start + index + escaped, run.length - escaped];
      const isText = marks[at] === visibility.visible || marks[at] === visibility.uncertain;
      if (isText && (length === 1 || length === 2)) runs.push(runAt(text, at, length));
    }
  }
  return [1, 2].flatMap((length) => {
    const same = runs.filter((run) => run.end - run.start === length);
    const first = same.find(({ opens }) => opens);
    const last = same.findLast(({ closes }) => closes);
    return first && last && first.start < last.start ? [{ start: first.start, end: last.end }] : [];
  });
};

/** A run can open before text and close after text, as CommonMark defines for emphasis. */
const runAt = (text: string, start: number, length: number): Run => {
  const end = start + length;
  const before = Array.from(text.slice(Math.max(0, start - 2), start)).at(-1) ?? ' ';
  const after = Array.from(text.slice(end, end + 2))[0] ?? ' ';
  const isOpen = !blank.test(after) && (!mark.test(after) || blank.test(before) || mark.test(before));
  const isClose = !blank.test(before) && (!mark.test(before) || blank.test(after) || mark.test(after));
  return { start, end, opens: isOpen, closes: isClose };
};

/** How many tildes of a run are text: an escaped one, unless the backslash belongs to an address, of which parsers disagree. */
const escapedIn = (text: string, at: number): readonly number[] => {
  if (!isEscaped(text, at)) return [0];
  const before = text.slice(Math.max(0, at - longestAddress), at);
  const word = before.slice(Math.max(...[' ', '\n', '\t'].map((end) => before.lastIndexOf(end))) + 1);
  return /:\/\/|www\./i.test(word) ? [0, 1] : [1];
};
/** An address of more characters is not looked for. */
const longestAddress = 2_048;

const isEscaped = (text: string, at: number): boolean => {
  let backslashes = 0;
  while (text[at - backslashes - 1] === '\\') backslashes++;
  return backslashes % 2 === 1;
};
