import type { TextRange } from './paragraph.ts';
import { visibility } from './visibility.ts';

/** The first line of the header that mail programs put above a quoted mail, in the languages of most of their users. */
const fromHeader =
  /^[ *]*(?:From|Von|De|Da|Van|Fra|Från|Od|Lähettäjä|Kimden|От|Від|发件人|寄件者|差出人|보낸 사람)\s?[:：]/iu;
const headerField = /^[ *]*\p{L}[\p{L} ]{0,20}\s?[:：]/u;
const originalMessageLine =
  /^[ >*]*-{2,}\s*(?:original message|forwarded message|ursprüngliche nachricht|weitergeleitete nachricht|message d.origine|message transféré|mensaje original|mensaje reenviado|mensagem original|messaggio originale|oorspronkelijk bericht)\s*-{2,}/iu;
const attributionLine =
  /^(?:On|Am|Le|El|Il|Em|Op|Den|W dniu) (?=.{0,80}[\d@]).{5,200}(?:wrote|(?:schrieb|a écrit|escribió|scritto|escreveu|schreef|skrev|napisał)\b.{0,100}):$/iu;
/** The footer that GitHub appends to each mail. */
const githubFooter =
  /^[ *—-]*(?:Reply to this email directly, |You are receiving this because you |Message ID: <[^>]*@github\.com>)/;

/** The maximum number of characters of a line that are checked. */
const maxLength = 400;

/**
 * Returns the range that may be an earlier mail, which a reply by e-mail repeats without `>`. Another person wrote it, and GitHub
 * folds it. It begins with the first header of a mail. If only the end of a quoted mail is found, the whole comment is uncertain.
 * @param marks the visibility of each character; code and quotes contain no such line
 */
export const findQuotedMail = (text: string, marks: Uint8Array): TextRange[] => {
  const lines = splitLines(text, marks);
  const header = lines.find((line, n) =>
    isHeader(
      line.text,
      lines.slice(n + 1, n + 4).map((next) => next.text),
    ),
  );
  if (header) return [{ start: header.start, end: text.length }];
  return lines.some((line) => githubFooter.test(line.text)) ? [{ start: 0, end: text.length }] : [];
};

type Line = { start: number; text: string };

/** Returns the lines that are not blank. Lines outside of visible text, such as code, have the text `>`. */
const splitLines = (text: string, marks: Uint8Array): Line[] => {
  const lines: Line[] = [];
  for (let start = 0; start <= text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, Math.min(end, start + maxLength));
    const first = start + line.length - line.trimStart().length;
    const isText = marks[first] === visibility.visible || marks[first] === visibility.uncertain;
    if (line.trim() !== '') lines.push({ start, text: isText ? line.trim() : '>' });
    start = end + 1;
  }
  return lines;
};

const isHeader = (line: string, [next = '', second = '']: readonly string[]): boolean => {
  if (originalMessageLine.test(line)) return true;
  if (fromHeader.test(line)) return headerField.test(next) && headerField.test(second);
  // Mail programs wrap the line, and most of them quote the text after it properly.
  if (attributionLine.test(line)) return !next.startsWith('>');
  return attributionLine.test(`${line} ${next}`) && !second.startsWith('>');
};
