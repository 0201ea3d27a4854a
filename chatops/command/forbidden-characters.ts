/** What separates arguments: a tab or a space of whatever width. */
export const isBlank = (char: string): boolean => char === '\t' || /^\p{Zs}$/u.test(char);

/**
 * Characters that a reader cannot see, or that change how others are seen: controls and formats (direction, zero width, tags),
 * fillers, and two symbols that look like a blank and are none. Private ones have no look that anybody agrees on.
 */
const refused =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\u{1D159}]/u;
const everyRefused = new RegExp(refused, 'gu');

/** Whether a command may not hold a character. What makes an emoji of the symbol before it is fine. */
export const isForbidden = (char: string, before: string): boolean =>
  refused.test(char) && !(char === '\uFE0F' && /\p{Extended_Pictographic}/u.test(before));

/** The text with `instead` for each refused character. */
export const replaceForbidden = (text: string, instead: string): string =>
  text.replaceAll(everyRefused, instead);

/** `U+202E`, and what kind of character that is. */
export const describeCharacter = (char: string): { codePoint: string; kind: string } => {
  const codePoint = `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return { codePoint, kind: kinds.find(([pattern]) => pattern.test(char))?.[1] ?? 'an invisible character' };
};

const kinds: readonly [RegExp, string][] = [
  [/\p{Bidi_Control}/u, 'a character that changes the direction of text'],
  [/[\u{E0000}-\u{E007F}]/u, 'an invisible tag character'],
  [/\p{Cc}/u, 'a control character'],
  [/[\p{Zl}\p{Zp}]/u, 'a line separator'],
  [/[\p{Cs}\p{Noncharacter_Code_Point}]/u, 'no character'],
  [/\p{Co}/u, 'a private character'],
  [/(?!\p{Default_Ignorable_Code_Point})\p{Cf}/u, 'a format character'],
];
