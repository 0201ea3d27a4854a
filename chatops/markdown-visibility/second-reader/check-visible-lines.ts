import { randomInt } from 'node:crypto';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { parse } from 'parse5';
import { getReadableText } from './readable-text.ts';

/** The maximum number of lines that are checked per comment; a reply has room for far fewer. */
const maxLines = 500;

/** Characters that replace letters: all of one script, and all of them letters to Markdown. */
const firstMark = 0xac00;
const lastMark = 0xd7a3;

/**
 * Returns for each line whether it is visible text, using third-party parsers: micromark converts the comment to HTML, and parse5
 * parses the HTML. It shares no code with `look`. A different marker character replaces the first letter of each line, so that
 * the line can be found in the result.
 * @param text the comment, with lines that end in LF
 * @param lines the offset of each line’s slash, which must be followed by a letter
 */
export const checkVisibleLines = ({ text, lines }: { text: string; lines: readonly number[] }): boolean[] => {
  const marks = marksNotIn(text, Math.min(lines.length, maxLines));
  const chars = text.split('');
  marks.forEach((mark, n) => (chars[(lines[n] ?? 0) + 1] = mark));
  const html = micromark(chars.join(''), {
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  const shown = getReadableText(parse(`<!doctype html><body>${html}`));
  return lines.map((_, n) => isAt(marks[n], html, shown));
};

/** Returns whether a marker occurs once, after the slash at the start of a line. */
const isAt = (mark: string | undefined, html: string, shown: string): boolean => {
  if (mark === undefined || html.split(mark).length !== 2) return false;
  const line = shown.slice(shown.lastIndexOf('\n', shown.indexOf(mark)) + 1, shown.indexOf(mark) + 1);
  return shown.includes(mark) && /^ {0,3}\/.$/.test(line);
};

/** Returns as many characters that do not occur in the text. They are random, so nobody can guess them. */
const marksNotIn = (text: string, count: number): string[] => {
  const marks = new Set<string>();
  while (marks.size < count) {
    const mark = String.fromCharCode(randomInt(firstMark, lastMark + 1));
    if (!text.includes(mark)) marks.add(mark);
  }
  return [...marks];
};
