import { sanitizeText } from './untrusted-text.ts';

/** A piece of a line: `plain` has no meaning in Markdown; `code` belongs in a code span. */
export type TextPiece = { kind: 'plain' | 'code'; value: string };

/**
 * Splits untrusted text into words that have no meaning in Markdown or on GitHub, and the rest. Words are allowed by their characters:
 * anything that could be a mention, a reference, a link, HTML, emphasis, math or an emoji code is not.
 * @param text without line breaks
 * @param isLineStart whether the text begins a line, where a number with a dot or a dash begins a list
 */
export const splitWords = (text: string, isLineStart: boolean): TextPiece[] => {
  const pieces: TextPiece[] = [];
  let canBeginBlock = isLineStart;
  for (const part of sanitizeText(text).split(/([\s\p{Z}]+)/u)) {
    if (part === '') continue;
    const isBlank = /^[\s\p{Z}]/u.test(part);
    pieces.push(isBlank ? { kind: 'plain', value: ' ' } : toPiece(part, canBeginBlock));
    if (!isBlank) canBeginBlock = false;
  }
  return joinCode(pieces);
};

const toPiece = (word: string, canBeginBlock: boolean): TextPiece => {
  if (canBeginBlock && listNumber.test(word))
    return { kind: 'plain', value: `${word.slice(0, -1)}\\${word.at(-1)}` };
  return { kind: isPlainWord(word, canBeginBlock) ? 'plain' : 'code', value: word };
};

const isPlainWord = (word: string, canBeginBlock: boolean): boolean =>
  !reference.test(word) && (loneSign.test(word) ? !canBeginBlock : plainWord.test(word));

/** A number as at the start of a list item. */
const listNumber = /^\d{1,9}[.)]$/;

/** Signs that have no meaning between two words. */
const loneSign = /^(?:[+=-]|[(%.,;:!?"')]+)$/;

/**
 * What GitHub, or a program that reads comments, may turn into a link, a reference or an emoji: `GH-1` and `TICKET-1`, 7 to 40 hex
 * digits as of a commit, addresses that begin with `www.`, and `:100:`.
 */
const reference = /\p{L}-\d|(?<![\p{L}\p{N}])[0-9a-f]{7,40}(?![\p{L}\p{N}])|www\.|:.*:/iu;

/** Signs and punctuation outside ASCII, which have no meaning in Markdown. */
const otherSign = String.raw`[[\p{S}\p{P}]--[\x00-\x7F]]`;
const wordStart = String.raw`(?:[+\-](?=\p{N})|[\p{L}\p{N}]|${otherSign})`;
/** A colon ends a word or separates digits; a slash separates letters and digits. */
const wordRest = String.raw`(?:[\p{L}\p{N}\p{M}\u200C\u200D'".,;!?%\)+\-]|${otherSign}|:(?=\p{N}|[.,;!?"'\)]*$)|(?<=[\p{L}\p{N}])\/(?=[\p{L}\p{N}]))`;
const plainWord = new RegExp(`^["'\\(]*${wordStart}${wordRest}*$`, 'v');

/** Joins code that follows code, also after a blank: two code spans side by side would run into each other. */
const joinCode = (pieces: readonly TextPiece[]): TextPiece[] => {
  const joined: TextPiece[] = [];
  pieces.forEach((piece, at) => {
    const last = joined.at(-1);
    const isBetween = piece.value === ' ' && pieces[at + 1]?.kind === 'code';
    if (last?.kind === 'code' && (piece.kind === 'code' || isBetween)) last.value += piece.value;
    else joined.push({ ...piece });
  });
  return joined;
};
