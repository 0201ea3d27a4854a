/** Returns whether a character separates arguments: a tab, or a space of any width. */
export const isBlank = (char: string): boolean => char === '\t' || /^\p{Zs}$/u.test(char);

/**
 * Characters that readers cannot see, or that change how others are displayed: control and format characters (direction, zero
 * width, tags), fillers, and two symbols that look like a blank. Private-use characters have no standard appearance.
 */
const forbidden =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\u{1D159}]/u;

/** An emoji, also one of several characters such as a keycap or a family. Unicode lists all of them, so they cannot hide a text. */
const emoji = /^\p{RGI_Emoji}$/v;
const emojiOrForbidden = new RegExp(`\\p{RGI_Emoji}|${forbidden.source}`, 'gv');

/**
 * Returns whether commands must not contain a character outside of an emoji sequence. The selector that turns the symbol before it into
 * an emoji is allowed.
 */
export const isForbidden = (char: string, before: string): boolean =>
  forbidden.test(char) && !(char === '\uFE0F' && /\p{Extended_Pictographic}/u.test(before));

/** Returns the offsets, in UTF-16 units, of the characters of a text that belong to emoji which contain forbidden characters. */
export const findEmojiOffsets = (text: string): ReadonlySet<number> => {
  const offsets = new Set<number>();
  if (!forbidden.test(text)) return offsets;
  for (const { 0: found, index } of text.matchAll(emojiOrForbidden))
    if (emoji.test(found)) for (let at = index; at < index + found.length; at++) offsets.add(at);
  return offsets;
};

/** Replaces each forbidden character of a text, except in emoji. */
export const replaceForbidden = (text: string, replacement: string): string =>
  forbidden.test(text)
    ? text.replaceAll(emojiOrForbidden, (found) => (emoji.test(found) ? found : replacement))
    : text;

/** Returns the code point of a character, such as `U+202E`, and what kind of character it is. */
export const describeCharacter = (char: string): { codePoint: string; kind: string } => ({
  codePoint: formatCodePoint(char),
  kind: characterKinds.find(([pattern]) => pattern.test(char))?.[1] ?? 'an invisible character',
});

/** Returns a visible character with its code point: `“ (U+201C)`. */
export const nameCharacter = (char: string): string => `${char} (${formatCodePoint(char)})`;

const formatCodePoint = (char: string): string =>
  `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

const characterKinds: readonly [RegExp, string][] = [
  [/\p{Bidi_Control}/u, 'a character that changes the direction of text'],
  [/[\u{E0000}-\u{E007F}]/u, 'an invisible tag character'],
  [/\p{Cc}/u, 'a control character'],
  [/[\p{Zl}\p{Zp}]/u, 'a line separator'],
  [/[\p{Cs}\p{Noncharacter_Code_Point}]/u, 'not a valid character'],
  [/\p{Co}/u, 'a private-use character'],
  [/(?!\p{Default_Ignorable_Code_Point})\p{Cf}/u, 'a format character'],
];
