import { stripVTControlCharacters, styleText } from 'node:util';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/*
 * Measures text on a terminal and breaks it into lines. Style and links are applied to each word, so that a line can be broken between
 * any two words.
 */

const [escape, bell] = ['\u001B', '\u0007'];
/** The sequence at the start and the end of a link, see https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda. */
const hyperlink = new RegExp(`${escape}\\]8;[^${bell}${escape}]*(?:${bell}|${escape}\\\\)`, 'g');
const buildLinkSequence = (url: string): string => `${escape}]8;;${url}${bell}`;

const stripStyle = (text: string): string => stripVTControlCharacters(text.replaceAll(hyperlink, ''));

/** Returns the number of columns that a text takes on a terminal. Style takes none, wide characters and emoji take two. */
export const countColumns = (text: string): number => stringWidth(text);

/** Returns foreign text without what could move the cursor, set a style or change the text direction. */
export const toPrintable = (text: string): string =>
  stripStyle(text.replaceAll('\r\n', '\n')).replaceAll(/[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/gu, '');

const markWords = (text: string, mark: (word: string) => string): string => text.replaceAll(/\S+/g, mark);

/** Applies a style if standard output supports styles. */
export const applyStyle = (style: 'bold' | 'cyan' | 'dim' | 'green', text: string): string =>
  markWords(text, (word) => styleText(style, word));

/** Links a text to `url`, for terminals that support links. */
export const addLink = (text: string, url: string): string =>
  markWords(text, (word) => buildLinkSequence(url) + word + buildLinkSequence(''));

export const padText = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - countColumns(text)));

/** Breaks a text between words into lines of at most `width` columns. Longer words are cut. */
export const wrapText = (text: string, width: number): string[] =>
  text.split('\n').flatMap((line) => (countColumns(line) <= width ? [line] : breakLine(line, width)));

const breakLine = (line: string, width: number): string[] => {
  const [first = '', ...words] = line.split(' ').flatMap((word) => cutText(word, width));
  const lines = [first];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (countColumns(longer) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
};

/** Cuts a text wherever `width` is full, regardless of words. */
export const cutText = (text: string, width: number): string[] =>
  countColumns(text) <= width
    ? [text]
    : wrapAnsi(text, width, { hard: true, wordWrap: false, trim: false }).split('\n');
