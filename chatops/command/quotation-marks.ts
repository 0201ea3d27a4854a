/**
 * Quotation marks that close each other: those of keyboards, of typography in many languages, and marks that look like them. A phone
 * or a mail program may replace the two marks around a value by any two of a group.
 */
const doubleMarks = '"“”„‟〝〞〟＂';
const groups = [doubleMarks, "'‘’‚‛＇", '″‶', '′‵´', '«»', '‹›', '「」｢｣﹁﹂', '『』﹃﹄'];

/** The typographic marks of which one alone within a word is a mistake. An apostrophe or a prime is not. */
const pairedMarks = [doubleMarks.slice(1), '«»', '‹›', '「」｢｣﹁﹂', '『』﹃﹄'];

/**
 * Returns the characters that close a value after an opening quotation mark; undefined if the character is not a quotation mark. A mark
 * of the keyboard is closed only by itself, so that other marks are allowed within the value.
 */
export const getClosingMarks = (mark: string): string | undefined => {
  if (mark === '"' || mark === "'") return mark;
  return mark === '' ? undefined : groups.find((group) => group.includes(mark));
};

/** Returns whether a value after this quotation mark can contain escape sequences: after a double mark. */
export const allowsEscapes = (mark: string): boolean => doubleMarks.includes(mark);

/** Returns whether two characters are quotation marks of the same group. */
export const isSameGroup = (mark: string, other: string): boolean =>
  groups.some((group) => group.includes(mark) && group.includes(other));

/**
 * Returns the index, in code points, of the first mark in a value without quotation marks around it that makes it unclear where the
 * value ends; -1 if there is none: `"`, or a typographic mark without its counterpart.
 */
export const findUnclearMark = (value: string): number => {
  const characters = Array.from(value);
  const unpaired = pairedMarks
    .map((group) => characters.flatMap((char, at) => (group.includes(char) ? [at] : [])))
    .filter(({ length }) => length % 2 === 1);
  const found = [characters.indexOf('"'), ...unpaired.map(([first = -1]) => first)].filter((at) => at >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
};
