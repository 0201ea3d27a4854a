import type { Range } from './paragraph.ts';
import { sights } from './sights.ts';

type Run = Range & { opens: boolean; closes: boolean };

const blank = /^\s$/u;
const mark = /^[\p{P}\p{S}]$/u;

/**
 * Returns the text of a paragraph that one or two tildes on both sides strike out. Where delimiters combine in other ways, this
 * includes more than that. `marks`: the marks of the paragraph.
 */
export const struckOut = (text: string, marks: Uint8Array, { start, end }: Range): Range[] => {
  const runs: Run[] = [];
  for (const { 0: run, index } of text.slice(start, end).matchAll(/~+/g)) {
    const at = start + index;
    const isText = marks[at] === sights.shown && !isEscaped(text, at);
    if (isText && run.length <= 2) runs.push(runAt(text, at, run.length));
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

const isEscaped = (text: string, at: number): boolean => {
  let backslashes = 0;
  while (text[at - backslashes - 1] === '\\') backslashes++;
  return backslashes % 2 === 1;
};
