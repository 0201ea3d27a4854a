import { findHtmlRanges } from './html/html-ranges.ts';
import { splitHtml } from './html/html-pieces.ts';
import type { HtmlBlock } from './block-stack.ts';
import { InlineParser, type ReferenceLabels, type InlineSpan } from './inline-parser.ts';
import { findMath } from './math.ts';
import { parseBlocks } from './block-parser.ts';
import { getParagraphText, type Paragraph, type TextRange } from './paragraph.ts';
import { findQuotedMail } from './quoted-mail.ts';
import { visibility } from './visibility.ts';
import { findStrikethrough } from './strikethrough.ts';

/** A comment as its reader sees it. */
export type VisibilityMap = {
  /** The comment, its lines ending in LF. */
  text: string;
  /** For each UTF-16 unit of `text` one of `sights`. */
  marks: Uint8Array;
  /**
   * The lines of text that may be commands, from their first non-blank characters, in order. That character is shown, or
   * `covered`: then the line is not a command.
   */
  lines: TextRange[];
};

const marksOf = {
  code: visibility.code,
  html: visibility.hidden,
  note: visibility.comment,
  link: visibility.hidden,
  entity: visibility.hidden,
  doubt: visibility.uncertain,
} as const satisfies Record<InlineSpan['kind'], number>;

/** Characters that some Markdown or HTML parsers treat as blanks or drop, so that the result is uncertain. */
const unreadable = /^\uFEFF|[\0\v\f]/;

/** Reads a comment as GitHub shows it. Linear in its length. */
export const analyzeVisibility = (body: string): VisibilityMap => {
  const text = body.replaceAll(/\r\n?/g, '\n');
  const marks = new Uint8Array(text.length).fill(visibility.outside);
  const page = parseBlocks(text);
  const read = page.paragraphs.map((paragraph) => ({
    paragraph,
    spans: spansOf(getParagraphText(text, paragraph.lines), paragraph, page.references),
  }));
  for (const { paragraph, spans } of read) if (!paragraph.concealed) paint(text, marks, paragraph, spans);
  const covered = unreadable.test(text)
    ? [{ start: 0, end: text.length }]
    : [
        ...findHtmlRanges(text, splitHtml(text, page.html, read)),
        ...findMath(text, marks),
        ...findQuotedMail(text, marks),
      ];
  const beside = linesBesideTags(text, page.html);
  for (const { start, end } of beside) marks.fill(visibility.visible, start, end);
  for (const { start, end } of covered) cover(marks, start, end);
  const lines = page.paragraphs
    .flatMap((paragraph) => (paragraph.concealed ? [] : paragraph.lines))
    .filter(
      ({ start, margin }) =>
        margin && (marks[start] === visibility.visible || marks[start] === visibility.uncertain),
    );
  const seen = beside.filter(({ start }) => marks[start] === visibility.visible);
  for (const { start, end } of beside) marks.fill(visibility.outside, start, end);
  for (const { start, end } of seen) marks.fill(visibility.uncertain, start, end);
  return { text, marks, lines: [...lines, ...seen].toSorted((a, b) => a.start - b.start) };
};

/**
 * The lines of blocks of HTML that begin with a slash. People see one that stands in no element, as right after `</details>`, but
 * browsers join it with the lines around it: nobody can say where such a command begins and ends.
 */
const linesBesideTags = (text: string, blocks: readonly HtmlBlock[]): TextRange[] =>
  blocks
    .flatMap(({ containers, lines }) => (containers.length === 0 ? lines : []))
    .filter(({ start, end }) => /^ {0,3}\/./.test(text.slice(start, Math.min(end, start + 5))))
    .map(({ start, end }) => ({ start: text.indexOf('/', start), end }));

/** Returns the spans of a paragraph. GitHub parses each cell of a table by itself, so a span that crosses cells leaves all in doubt. */
const spansOf = (
  content: string,
  { table }: Paragraph,
  references: ReferenceLabels,
): readonly InlineSpan[] => {
  const spans = new InlineParser(content, references).parse();
  const isCrossing = ({ start, end }: InlineSpan): boolean => /\n|(?<!\\)\|/.test(content.slice(start, end));
  return table && spans.some(isCrossing)
    ? [...spans, { start: 0, end: content.length, kind: 'doubt' }]
    : spans;
};

/** Marks the shown and hidden characters of a paragraph. */
const paint = (
  text: string,
  marks: Uint8Array,
  { lines, table }: Paragraph,
  spans: readonly InlineSpan[],
): void => {
  for (const { start, end, dark } of lines)
    marks.fill(dark ? visibility.uncertain : visibility.visible, start, end);
  const base = lines[0]?.start ?? 0;
  const end = lines.at(-1)?.end ?? 0;
  for (const { kind, start, end } of spans) {
    const isHidden = isJoining(text, kind, base + start, base + end);
    marks.fill(isHidden ? visibility.hidden : marksOf[kind], base + start, base + end);
  }
  for (const struck of findStrikethrough(text, marks, { start: base, end }))
    cover(marks, struck.start, struck.end);
  if (table) for (const line of lines) hideCells(text, marks, line);
};

/** Returns whether code or an HTML comment ends on a later line, so that text of that line appears on the line where it begins. */
const isJoining = (text: string, kind: InlineSpan['kind'], start: number, end: number): boolean => {
  if ((kind !== 'code' && kind !== 'note') || !text.slice(start, end).includes('\n')) return false;
  const rest = /[ \t]*(?:\n|$)/y;
  rest.lastIndex = end;
  return kind === 'code' || !rest.test(text);
};

/** Hides all but the first cell of a row that begins with a slash: GitHub drops cells that the table's head lacks, and all bars. */
const hideCells = (text: string, marks: Uint8Array, { start, end }: TextRange): void => {
  const bar = text[start] === '/' ? text.slice(start, end).indexOf('|') : -1;
  if (bar >= 0) marks.fill(visibility.hidden, start + bar, end);
};

/** Marks shown characters that readers may not see as text. */
const cover = (marks: Uint8Array, start: number, end: number): void => {
  for (let at = start; at < end; at++) if (marks[at] === visibility.visible) marks[at] = visibility.uncertain;
};

/**
 * The comment's visible text: of the same length and with the same lines as the comment (CRLF is LF), in which what is
 * code, quoted or hidden is blank.
 */
export const getVisibleText = (body: string): string => {
  const { text, marks } = analyzeVisibility(body);
  return text.replaceAll(/[^\n]/g, (char, at: number) => (marks[at] === visibility.visible ? char : ' '));
};
