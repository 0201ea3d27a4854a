import type { TextRange } from './paragraph.ts';
import { visibility } from './visibility.ts';

type TildeRun = TextRange & { opens: boolean; closes: boolean };

const blank = /^\s$/u;
const punctuation = /^[\p{P}\p{S}]$/u;

/**
 * Returns the ranges of a paragraph that one or two tildes on both sides may strike out. Where delimiters combine in other ways, they
 * include more than is struck out.
 */
export const findStrikethrough = (
  text: string,
  marks: Uint8Array,
  { start, end }: TextRange,
): TextRange[] => {
  const runs: TildeRun[] = [];
  for (const { 0: run, index } of text.slice(start, end).matchAll(/~+/g)) {
    for (const escaped of getTextOffsets(text, start + index)) {
      const [at, length] = [start + index + escaped, run.length - escaped];
      const isText = marks[at] === visibility.visible || marks[at] === visibility.uncertain;
      if (isText && (length === 1 || length === 2)) runs.push(toRun(text, at, length));
    }
  }
  return [1, 2].flatMap((length) => {
    const same = runs.filter((run) => run.end - run.start === length);
    const first = same.find(({ opens }) => opens);
    const last = same.findLast(({ closes }) => closes);
    return first && last && first.start < last.start ? [{ start: first.start, end: last.end }] : [];
  });
};

/** Returns a run of tildes. It can open before text and close after text, as CommonMark defines for emphasis. */
const toRun = (text: string, start: number, length: number): TildeRun => {
  const end = start + length;
  const before = Array.from(text.slice(Math.max(0, start - 2), start)).at(-1) ?? ' ';
  const after = Array.from(text.slice(end, end + 2))[0] ?? ' ';
  const isOpen =
    !blank.test(after) && (!punctuation.test(after) || blank.test(before) || punctuation.test(before));
  const isClose =
    !blank.test(before) && (!punctuation.test(before) || blank.test(after) || punctuation.test(after));
  return { start, end, opens: isOpen, closes: isClose };
};

/**
 * Returns the offsets in a run of tildes at which it may begin. An escaped tilde is text, but where the backslash may belong to an
 * address, parsers disagree.
 */
const getTextOffsets = (text: string, at: number): readonly number[] => {
  if (!isEscaped(text, at)) return [0];
  const before = text.slice(Math.max(0, at - maxAddressLength), at);
  const word = before.slice(Math.max(...[' ', '\n', '\t'].map((end) => before.lastIndexOf(end))) + 1);
  return /:\/\/|www\./i.test(word) ? [0, 1] : [1];
};
/** The maximum number of characters of an address. */
const maxAddressLength = 2_048;

const isEscaped = (text: string, at: number): boolean => {
  let backslashes = 0;
  while (text[at - backslashes - 1] === '\\') backslashes++;
  return backslashes % 2 === 1;
};
