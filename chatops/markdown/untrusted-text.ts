import { stripVTControlCharacters } from 'node:util';

/*
 * Text of others (results, logs, errors, parameters, logins) stands in what we write only through these functions: in code
 * spans and fences that it cannot close, or in words that mean nothing to Markdown, so that no mention, reference, image,
 * HTML or command in it acts.
 */

/** What opens every hidden comment of ours. */
export const hiddenCommentStart = '<!-- coxswain';

/** Text of others on one line, as a code span; longer than `room` characters, its head and tail are kept. */
export const toCodeSpan = (text: string, room = 200): string => {
  const line = shortened(sanitizeText(text).replaceAll(/[\n\t]/g, ' '), room, '…');
  if (line.trim() === '') return '(empty)';
  const ticks = '`'.repeat(longestRun(line) + 1);
  const pad = /^[` ]|[` ]$/.test(line) ? ' ' : '';
  return `${ticks}${pad}${line}${pad}${ticks}`;
};

/** The same for a table's cell. */
export const toTableCell = (text: string, room = 200): string => escapeTableCell(toCodeSpan(text, room));

/**
 * Markdown of one line for a table's cell. A backslash is set apart from a bar that follows it: parsers do not agree on
 * whether it is the backslash or the bar that is escaped there.
 */
export const escapeTableCell = (markdown: string): string =>
  markdown.replaceAll(/\\(?=\|)/g, '\\ ').replaceAll('|', String.raw`\|`);

/** A sentence that may quote others: as it is if nothing in it can act, in a code span otherwise. */
export const escapeUnlessPlain = (sentence: string): string => {
  const bare = sentence.replace(/\.$/, '');
  return harmless.test(bare) && !reference.test(bare) ? bare : toCodeSpan(bare, 500);
};

/**
 * Markdown of ours that came back by way of others (who may approve, as a job's origin keeps it): as it is if it is nothing
 * but words, bold or not, and code spans; in one code span otherwise.
 */
export const escapeUnlessOwnMarkdown = (markdown: string): string => {
  const bare = markdown.replace(/\.$/, '');
  const words = bare.replaceAll(/`[^`\n]+`/g, 'code').replaceAll(boldWords, '$1');
  const harmless = wordsOnly.test(words) && !reference.test(words) && sanitizeText(bare) === bare;
  return harmless ? bare : toCodeSpan(bare, 500);
};

/** Bold words, which touch no other word: there parsers of Markdown no longer agree on what is bold. */
const boldWords = /(?<![^ (])\*\*(\p{L}(?:[\p{L}0-9 -]*[\p{L}0-9])?)\*\*(?![^ ,;:.)])/gu;

const wordsOnly = /^\p{L}[\p{L}0-9 ,;:'’"()=–…-]{0,1000}$/u;

/** Words, numbers and the punctuation that means nothing to Markdown inside a line. */
const harmless = /^[\p{L}"][\p{L}0-9 ,;'’"()=+–…-]{0,300}$/u;

/** What GitHub may link by itself: `GH-1`, `TICKET-1`, a commit. */
const reference = /\p{L}-\d|\b(?=[0-9]*[a-f])[0-9a-f]{7,40}\b/iu;

/** Text of others as it is, in a fence; longer than `room` characters, its head and, as the end tells most, more of its tail are kept. */
export const toCodeBlock = (text: string, room: number, language = 'text'): string => {
  const whole = sanitizeText(text).trimEnd();
  const left = whole.length - room;
  const shown = shortened(whole, room, `\n\n… ${left} characters left out …\n\n`, 0.25);
  const ticks = '`'.repeat(Math.max(3, longestRun(shown) + 1));
  return `${ticks}${language}\n${shown}\n${ticks}`;
};

const longestRun = (text: string): number =>
  (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);

/** Keeps the head (`share` of the room) and the tail of a text, and never half a character. */
const shortened = (text: string, room: number, between: string, share = 0.5): string => {
  if (text.length <= room) return text;
  const head = Math.floor(room * share);
  const tail = room - head;
  const start = text.slice(0, head).replace(/[\uD800-\uDBFF]$/, '');
  const end = text.slice(text.length - tail).replace(/^[\uDC00-\uDFFF]/, '');
  return `${start}${between}${end}`;
};

/** Line ends as LF; no colours, no control or direction characters, no secrets, nothing that looks like a hidden comment of ours. */
export const sanitizeText = (text: string): string =>
  redacted(stripVTControlCharacters(withoutLinks(text)).toWellFormed())
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, '\uFFFD')
    .replaceAll(hiddenCommentStart, '<!-- …coxswain');

/**
 * Without the terminal's links and titles. Node looks for the end of each of them in all of the text that follows: a log of
 * 256 KiB with nothing but beginnings would take it ten seconds.
 */
const withoutLinks = (text: string): string =>
  text
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    .replaceAll(/\u001B\][^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C)/g, '')
    .replaceAll('\u001B]', '\uFFFD]');

/** Masks the signature of a SAS and keys of connection strings, also where the text around is percent- or JSON-encoded. */
const redacted = (text: string): string =>
  text.replaceAll(
    /(?<=^|[^a-z0-9]|%26|%3f|\\u0026)(sig|AccountKey|SharedAccessKey|SharedAccessSignature)(=|%3d)[^\s&;"'<>`\\]+/gi,
    '$1$2[redacted]',
  );
