import { isBlank, isForbidden } from '../command/forbidden-characters.ts';
import { sanitizeText, hiddenCommentStart, toCodeSpan } from '../markdown/untrusted-text.ts';

/**
 * Returns a value with no hidden characters. Each character that is not allowed in a comment becomes `⟨U+XXXX⟩`. So do spaces that
 * Markdown collapses, characters that only look like a space, combining marks on an ASCII character, characters that a table or our own markers would change, and `⟨`
 * itself: two different values never look the same. A keycap emoji counts as one character.
 */
export const showCharacters = (value: string): string => {
  const characters = value.match(characterPattern) ?? [];
  // The character to which combining marks apply.
  let base: string | undefined;
  return characters
    .map((char, at) => {
      const isMark = combiningMark.test(char);
      if (!isMark) base = char;
      return needsCodePoint(char, at, characters) || (isMark && isAscii(base)) ? formatCodePoint(char) : char;
    })
    .join('');
};

const keycap = /[0-9#*]\uFE0F\u20E3/u;
const characterPattern = new RegExp(`${keycap.source}|.`, 'gsu');

/** On an ASCII character, combining marks turn it into another one, strike it out, or cover it. */
const combiningMark = /^\p{M}$/u;

const isAscii = (char: string | undefined): boolean => char === undefined || /^\p{ASCII}$/u.test(char);

const needsCodePoint = (char: string, at: number, characters: readonly string[]): boolean => {
  const [before, after] = [characters[at - 1], characters[at + 1]];
  if (char === '⟨') return true;
  if (keycap.test(char)) return false;
  if (char === '\\') return after === '|';
  if (char === '<')
    return characters.slice(at, at + hiddenCommentStart.length).join('') === hiddenCommentStart;
  if (isBlank(char)) return char !== ' ' || before === undefined || after === undefined || isBlank(before);
  return isForbidden(char, before ?? '');
};

const formatCodePoint = (char: string): string =>
  `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;

/** Returns a value, or a command with its values, as a code span with no hidden characters. @param room as for `inline` */
export const formatExact = (value: string, room?: number): string => toCodeSpan(showCharacters(value), room);

/** Returns whether a value can be shown in full; a value that looks like a storage key or a signature is masked. */
export const isVisibleInFull = (value: string): boolean => {
  const shown = showCharacters(value);
  return sanitizeText(shown) === shown;
};
