import { stripVTControlCharacters } from 'node:util';

/*
 * Untrusted text (results, logs, errors, parameters, logins) is written only through these functions: in code spans and fences that it
 * cannot close, or as plain words that have no meaning in Markdown. No mention, reference, image, HTML or command in it takes effect.
 */

/** The start of our hidden comments. */
export const hiddenCommentStart = '<!-- coxswain';

/** Formats untrusted text as a code span on one line. A text of more than `maxLength` characters keeps its start and end. */
export const toCodeSpan = (text: string, maxLength = 200): string => {
  const line = shorten(sanitizeText(text).replaceAll(/[\n\t]/g, ' '), maxLength, '…');
  if (line.trim() === '') return '(empty)';
  const ticks = '`'.repeat(findLongestBacktickRun(line) + 1);
  const pad = /^[` ]|[` ]$/.test(line) ? ' ' : '';
  return `${ticks}${pad}${line}${pad}${ticks}`;
};

/** Formats untrusted text as a code span in a table cell. */
export const toTableCell = (text: string, maxLength = 200): string =>
  escapeTableCell(toCodeSpan(text, maxLength));

/**
 * Escapes one line of Markdown for a table cell. A space separates a backslash from a bar after it, because parsers disagree whether
 * the backslash or the bar is escaped.
 */
export const escapeTableCell = (markdown: string): string =>
  markdown.replaceAll(/\\(?=\|)/g, '\\ ').replaceAll('|', String.raw`\|`);

/** Returns a sentence that may contain untrusted text unchanged if it has no meaning in Markdown; otherwise as a code span. */
export const escapeUnlessPlain = (sentence: string): string => {
  const text = sentence.replace(/\.$/, '');
  return plainSentence.test(text) && !autoReference.test(text) ? text : toCodeSpan(text, 500);
};

/**
 * Returns our own Markdown that others could have changed (the approvers in the origin of a job) unchanged if it consists only of
 * words, bold words and code spans; otherwise as a code span.
 */
export const escapeUnlessOwnMarkdown = (markdown: string): string => {
  const text = markdown.replace(/\.$/, '');
  const words = text.replaceAll(/`[^`\n]+`/g, 'code').replaceAll(boldText, '$1');
  const isSafe = plainWords.test(words) && !autoReference.test(words) && sanitizeText(text) === text;
  return isSafe ? text : toCodeSpan(text, 500);
};

/** Bold words that touch no other word, because parsers disagree on what is bold next to words. */
const boldText = /(?<![^ (])\*\*(\p{L}(?:[\p{L}0-9 -]*[\p{L}0-9])?)\*\*(?![^ ,;:.)])/gu;

const plainWords = /^\p{L}[\p{L}0-9 ,;:'’"()=–…-]{0,1000}$/u;

/** Words, numbers, and punctuation that has no meaning in Markdown within a line. */
const plainSentence = /^[\p{L}"][\p{L}0-9 ,;'’"()=+–…-]{0,300}$/u;

/** Text that GitHub may turn into links: `GH-1`, `TICKET-1`, a commit id. */
const autoReference = /\p{L}-\d|\b(?=[0-9]*[a-f])[0-9a-f]{7,40}\b/iu;

/** Formats untrusted text as a code block. A text of more than `maxLength` characters keeps its start and, because that says most, more of its end. */
export const toCodeBlock = (text: string, maxLength: number, language = 'text'): string => {
  const sanitized = sanitizeText(text).trimEnd();
  const omitted = sanitized.length - maxLength;
  const shown = shorten(sanitized, maxLength, `\n\n… ${omitted} characters left out …\n\n`, 0.25);
  const ticks = '`'.repeat(Math.max(3, findLongestBacktickRun(shown) + 1));
  return `${ticks}${language}\n${shown}\n${ticks}`;
};

const findLongestBacktickRun = (text: string): number =>
  (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);

/** Keeps the start (`share` of the length) and the end of a text, without splitting characters. */
const shorten = (text: string, maxLength: number, separator: string, share = 0.5): string => {
  if (text.length <= maxLength) return text;
  const head = Math.floor(maxLength * share);
  const tail = maxLength - head;
  const start = text.slice(0, head).replace(/[\uD800-\uDBFF]$/, '');
  const end = text.slice(text.length - tail).replace(/^[\uDC00-\uDFFF]/, '');
  return `${start}${separator}${end}`;
};

/** Removes colors, control and direction characters, secrets, and starts of our hidden comments; line ends become LF. */
export const sanitizeText = (text: string): string =>
  redactSecrets(stripVTControlCharacters(removeTerminalLinks(text)).toWellFormed())
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, '\uFFFD')
    .replaceAll(hiddenCommentStart, '<!-- …coxswain');

/**
 * Removes the escape sequences of terminal links and titles. Node searches the rest of the text for the end of each of them, which
 * would take ten seconds for a log of 256 KiB that only contains starts.
 */
const removeTerminalLinks = (text: string): string =>
  text
    // oxlint-disable-next-line no-control-regex -- the pattern matches them
    .replaceAll(/\u001B\][^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C)/g, '')
    .replaceAll('\u001B]', '\uFFFD]');

/** Masks SAS signatures and the keys of connection strings, also in percent-encoded and JSON-encoded text. */
const redactSecrets = (text: string): string =>
  text.replaceAll(
    /(?<=^|[^a-z0-9]|%26|%3f|\\u0026)(sig|AccountKey|SharedAccessKey|SharedAccessSignature)(=|%3d)[^\s&;"'<>`\\]+/gi,
    '$1$2[redacted]',
  );
