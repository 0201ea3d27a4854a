import { randomInt } from 'node:crypto';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { parse } from 'parse5';
import { readableText } from './readable-text.ts';

/** Lines of one comment that are looked for; a reply has room for far fewer. */
const maxLines = 500;

/** Characters that take the place of letters: one script, and each of them a letter to Markdown. */
const firstMark = 0xac00;
const lastMark = 0xd7a3;

/**
 * Tells for each line whether it is visible text, by other people’s parsers: micromark makes HTML of the comment, and parse5 a
 * document of that. It shares no code with `look`. In each line another character takes the place of the first letter, so that
 * the line can be found again.
 * @param text the comment, its lines ending in LF
 * @param lines the offset of each line’s slash, which a letter follows
 */
export const visibleLines = ({ text, lines }: { text: string; lines: readonly number[] }): boolean[] => {
  const marks = marksNotIn(text, Math.min(lines.length, maxLines));
  const chars = text.split('');
  marks.forEach((mark, n) => (chars[(lines[n] ?? 0) + 1] = mark));
  const html = micromark(chars.join(''), {
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  const shown = readableText(parse(`<!doctype html><body>${html}`));
  return lines.map((_, n) => isAt(marks[n], html, shown));
};

/** Whether a mark stands once, and begins a line of text after its slash. */
const isAt = (mark: string | undefined, html: string, shown: string): boolean => {
  if (mark === undefined || html.split(mark).length !== 2) return false;
  const line = shown.slice(shown.lastIndexOf('\n', shown.indexOf(mark)) + 1, shown.indexOf(mark) + 1);
  return shown.includes(mark) && /^ {0,3}\/.$/.test(line);
};

/** So many characters that the text does not hold. Nobody can guess them. */
const marksNotIn = (text: string, count: number): string[] => {
  const marks = new Set<string>();
  while (marks.size < count) {
    const mark = String.fromCharCode(randomInt(firstMark, lastMark + 1));
    if (!text.includes(mark)) marks.add(mark);
  }
  return [...marks];
};
