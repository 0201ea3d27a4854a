import { coveredByHtml } from './html/html-ranges.ts';
import { htmlPieces } from './html/html-pieces.ts';
import type { HtmlBlock } from './block-stack.ts';
import { InlineReader, type References, type Span } from './inline-parser.ts';
import { mathBetween } from './math.ts';
import { outline } from './block-parser.ts';
import { paragraphText, type Paragraph, type Range } from './paragraph.ts';
import { quotedMail } from './quoted-mail.ts';
import { sights } from './visibility.ts';
import { struckOut } from './strikethrough.ts';

/** A comment as its reader sees it. */
export type Sight = {
  /** The comment, its lines ending in LF. */
  text: string;
  /** For each UTF-16 unit of `text` one of `sights`. */
  marks: Uint8Array;
  /**
   * The lines of text that may be commands, from their first non-blank characters, in order. That character is shown, or
   * `covered`: then the line is not a command.
   */
  lines: Range[];
};

const marksOf = {
  code: sights.code,
  html: sights.hidden,
  note: sights.note,
  link: sights.hidden,
  entity: sights.hidden,
  doubt: sights.covered,
} as const satisfies Record<Span['kind'], number>;

/** Characters that some Markdown or HTML parsers treat as blanks or drop, so that the result is uncertain. */
const unreadable = /^\uFEFF|[\0\v\f]/;

/** Reads a comment as GitHub shows it. Linear in its length. */
export const look = (body: string): Sight => {
  const text = body.replaceAll(/\r\n?/g, '\n');
  const marks = new Uint8Array(text.length).fill(sights.apart);
  const page = outline(text);
  const read = page.paragraphs.map((paragraph) => ({
    paragraph,
    spans: spansOf(paragraphText(text, paragraph.lines), paragraph, page.references),
  }));
  for (const { paragraph, spans } of read) if (!paragraph.concealed) paint(text, marks, paragraph, spans);
  const covered = unreadable.test(text)
    ? [{ start: 0, end: text.length }]
    : [
        ...coveredByHtml(text, htmlPieces(text, page.html, read)),
        ...mathBetween(text, marks),
        ...quotedMail(text, marks),
      ];
  const beside = linesBesideTags(text, page.html);
  for (const { start, end } of beside) marks.fill(sights.shown, start, end);
  for (const { start, end } of covered) cover(marks, start, end);
  const lines = page.paragraphs
    .flatMap((paragraph) => (paragraph.concealed ? [] : paragraph.lines))
    .filter(
      ({ start, margin }) => margin && (marks[start] === sights.shown || marks[start] === sights.covered),
    );
  const seen = beside.filter(({ start }) => marks[start] === sights.shown);
  for (const { start, end } of beside) marks.fill(sights.apart, start, end);
  for (const { start, end } of seen) marks.fill(sights.covered, start, end);
  return { text, marks, lines: [...lines, ...seen].toSorted((a, b) => a.start - b.start) };
};

/**
 * The lines of blocks of HTML that begin with a slash. People see one that stands in no element, as right after `</details>`, but
 * browsers join it with the lines around it: nobody can say where such a command begins and ends.
 */
const linesBesideTags = (text: string, blocks: readonly HtmlBlock[]): Range[] =>
  blocks
    .flatMap(({ containers, lines }) => (containers.length === 0 ? lines : []))
    .filter(({ start, end }) => /^ {0,3}\/./.test(text.slice(start, Math.min(end, start + 5))))
    .map(({ start, end }) => ({ start: text.indexOf('/', start), end }));

/** Returns the spans of a paragraph. GitHub parses each cell of a table by itself, so a span that crosses cells leaves all in doubt. */
const spansOf = (content: string, { table }: Paragraph, references: References): readonly Span[] => {
  const spans = new InlineReader(content, references).read();
  const isCrossing = ({ start, end }: Span): boolean => /\n|(?<!\\)\|/.test(content.slice(start, end));
  return table && spans.some(isCrossing)
    ? [...spans, { start: 0, end: content.length, kind: 'doubt' }]
    : spans;
};

/** Marks the shown and hidden characters of a paragraph. */
const paint = (
  text: string,
  marks: Uint8Array,
  { lines, table }: Paragraph,
  spans: readonly Span[],
): void => {
  for (const { start, end, dark } of lines) marks.fill(dark ? sights.covered : sights.shown, start, end);
  const base = lines[0]?.start ?? 0;
  const end = lines.at(-1)?.end ?? 0;
  for (const { kind, start, end } of spans) {
    const isHidden = isJoining(text, kind, base + start, base + end);
    marks.fill(isHidden ? sights.hidden : marksOf[kind], base + start, base + end);
  }
  for (const struck of struckOut(text, marks, { start: base, end })) cover(marks, struck.start, struck.end);
  if (table) for (const line of lines) hideCells(text, marks, line);
};

/** Returns whether code or an HTML comment ends on a later line, so that text of that line appears on the line where it begins. */
const isJoining = (text: string, kind: Span['kind'], start: number, end: number): boolean => {
  if ((kind !== 'code' && kind !== 'note') || !text.slice(start, end).includes('\n')) return false;
  const rest = /[ \t]*(?:\n|$)/y;
  rest.lastIndex = end;
  return kind === 'code' || !rest.test(text);
};

/** Hides all but the first cell of a row that begins with a slash: GitHub drops cells that the table's head lacks, and all bars. */
const hideCells = (text: string, marks: Uint8Array, { start, end }: Range): void => {
  const bar = text[start] === '/' ? text.slice(start, end).indexOf('|') : -1;
  if (bar >= 0) marks.fill(sights.hidden, start + bar, end);
};

/** Marks shown characters that readers may not see as text. */
const cover = (marks: Uint8Array, start: number, end: number): void => {
  for (let at = start; at < end; at++) if (marks[at] === sights.shown) marks[at] = sights.covered;
};

/**
 * The comment's visible text: of the same length and with the same lines as the comment (CRLF is LF), in which what is
 * code, quoted or hidden is blank.
 */
export const visibleText = (body: string): string => {
  const { text, marks } = look(body);
  return text.replaceAll(/[^\n]/g, (char, at: number) => (marks[at] === sights.shown ? char : ' '));
};
