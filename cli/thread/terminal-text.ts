import { stripVTControlCharacters, styleText } from 'node:util';

/*
 * Text on a terminal: how many columns it takes, and how it is broken into lines. Style and links are put on each word by itself,
 * so that a line can be broken between any two words.
 */

const wide =
  /\p{Emoji_Presentation}|\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60]/u;
const splitGraphemes = (text: string): string[] =>
  [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
const countGraphemeColumns = (grapheme: string): number => (wide.test(grapheme) ? 2 : 1);

const [escape, bell] = ['\u001B', '\u0007'];
/** A link, see https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda, begins and ends with one of these. */
const hyperlink = new RegExp(`${escape}\\]8;[^${bell}${escape}]*(?:${bell}|${escape}\\\\)`, 'g');
const buildLinkSequence = (url: string): string => `${escape}]8;;${url}${bell}`;

const stripStyle = (text: string): string => stripVTControlCharacters(text.replaceAll(hyperlink, ''));

/** The columns that a text takes on a terminal: style takes none, an emoji takes two. */
export const countColumns = (text: string): number =>
  splitGraphemes(stripStyle(text)).reduce((sum, grapheme) => sum + countGraphemeColumns(grapheme), 0);

/** Text of others as it may be printed: it moves no cursor, sets no style, and turns no direction. */
export const toPrintable = (text: string): string =>
  stripStyle(text.replaceAll('\r\n', '\n')).replaceAll(/[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/gu, '');

const markWords = (text: string, mark: (word: string) => string): string => text.replaceAll(/\S+/g, mark);

/** A text in a style, where standard output shows styles. */
export const applyStyle = (style: 'bold' | 'cyan' | 'dim' | 'green', text: string): string =>
  markWords(text, (word) => styleText(style, word));

/** A text that a terminal can follow to `url`. */
export const addLink = (text: string, url: string): string =>
  markWords(text, (word) => buildLinkSequence(url) + word + buildLinkSequence(''));

export const padText = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - countColumns(text)));

/** Breaks a text between words into lines of at most `width` columns; a word that is longer is cut. */
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

/** A text cut wherever `width` is full, blanks and all; what is cut loses its style. */
export const cutText = (text: string, width: number): string[] => {
  if (countColumns(text) <= width) return [text];
  const found = [''];
  let left = width;
  for (const grapheme of splitGraphemes(stripStyle(text))) {
    if (countGraphemeColumns(grapheme) > left && left < width) {
      found.push('');
      left = width;
    }
    found.push((found.pop() ?? '') + grapheme);
    left -= countGraphemeColumns(grapheme);
  }
  return found;
};
