import { findHtmlRanges } from './html/html-ranges.ts';
import { splitHtml } from './html/html-pieces.ts';
import type { HtmlBlock } from './block-stack.ts';
import { leadPattern, skipLead } from './line-lead.ts';
import { InlineParser, type ReferenceLabels, type InlineSpan } from './inline-parser.ts';
import { findMath } from './math.ts';
import { parseBlocks } from './block-parser.ts';
import { getParagraphText, type Paragraph, type TextRange } from './paragraph.ts';
import { findQuotedMail } from './quoted-mail.ts';
import { visibility, type VisibilityMap } from './visibility.ts';
import { findStrikethrough } from './strikethrough.ts';

/*
 * Determines which characters of a comment its readers see as plain text of its author. Only such text can be a command.
 *
 * Why this is safe:
 * - Two independent readers must agree: this one, which follows CommonMark, GFM and the HTML of browsers, and `second-reader/`, which
 *   is made of third-party parsers. They share no code. A line is a command only if both see it; if only one does, the reply asks for
 *   the command in a new comment (`parseComment`).
 * - This reader marks text as visible only where it is certain. Where parsers of Markdown or HTML disagree, where an element, tag,
 *   comment or quote of the comment's HTML may be open, and where text may be struck out, a formula or a quoted mail, it marks the
 *   text as `uncertain`, up to the end of the comment if necessary.
 * - Values are taken from the source text. Characters within a line that are hidden or displayed differently are marked, so that the
 *   command parser can refuse them.
 * - Each step is linear in the length of the comment, and nesting is limited, so no comment can block the bot.
 *
 * Tests compare the result with micromark and parse5 for thousands of generated comments (test/chatops/markdown-visibility).
 */

const spanVisibility = {
  code: visibility.code,
  html: visibility.hidden,
  comment: visibility.comment,
  link: visibility.hidden,
  entity: visibility.hidden,
  uncertain: visibility.uncertain,
} as const satisfies Record<InlineSpan['kind'], number>;

/**
 * Characters that some Markdown or HTML parsers treat as blanks or drop, so that the result is uncertain. A byte order mark makes no
 * difference before a slash: with or without it, a paragraph begins there.
 */
const uncertainText = new RegExp(`^\\uFEFF(?! {0,3}(?! )${leadPattern}/)|[\\0\\v\\f]`, 'u');

/** Analyzes a comment as GitHub displays it. Linear in its length. */
export const analyzeVisibility = (body: string): VisibilityMap => {
  const text = body.replaceAll(/\r\n?/g, '\n');
  const marks = new Uint8Array(text.length).fill(visibility.outside);
  const blocks = parseBlocks(text);
  const parsed = blocks.paragraphs.map((paragraph) => ({
    paragraph,
    spans: parseSpans(getParagraphText(text, paragraph.lines), paragraph, blocks.references),
  }));
  for (const { paragraph, spans } of parsed)
    if (!paragraph.concealed) markParagraph(text, marks, paragraph, spans);
  const uncertain = uncertainText.test(text)
    ? [{ start: 0, end: text.length }]
    : [
        ...findHtmlRanges(text, splitHtml(text, blocks.html, parsed)),
        ...findMath(text, marks),
        ...findQuotedMail(text, marks),
      ];
  const besideTags = findLinesBesideTags(text, blocks.html);
  for (const { start, end } of besideTags) marks.fill(visibility.visible, start, end);
  for (const { start, end } of uncertain) markUncertain(marks, start, end);
  const lines = blocks.paragraphs
    .flatMap((paragraph) => (paragraph.concealed ? [] : paragraph.lines))
    .map((line) => ({ ...line, start: Math.min(skipLead(text, line.start), line.end) }))
    .filter(
      ({ start, margin }) =>
        margin && (marks[start] === visibility.visible || marks[start] === visibility.uncertain),
    );
  const visibleBesideTags = besideTags.filter(({ start }) => marks[start] === visibility.visible);
  for (const { start, end } of besideTags) marks.fill(visibility.outside, start, end);
  for (const { start, end } of visibleBesideTags) marks.fill(visibility.uncertain, start, end);
  return { text, marks, lines: [...lines, ...visibleBesideTags].toSorted((a, b) => a.start - b.start) };
};

/**
 * Returns the lines of HTML blocks that begin with a slash. Outside of elements, as right after `</details>`, such a line is visible,
 * but browsers join it with the lines around it, so the start and end of the command are uncertain.
 */
const findLinesBesideTags = (text: string, blocks: readonly HtmlBlock[]): TextRange[] =>
  blocks
    .flatMap(({ containers, lines }) => (containers.length === 0 ? lines : []))
    .filter(({ start, end }) => /^ {0,3}(?! )/.test(text.slice(start, Math.min(end, start + 4))))
    .map(({ start, end }) => ({ start: skipLead(text, start), end }))
    .filter(({ start, end }) => text[start] === '/' && start + 1 < end);

/** Returns the spans of a paragraph. GitHub parses each table cell separately, so a span that crosses cells makes all of it uncertain. */
const parseSpans = (
  content: string,
  { table }: Paragraph,
  references: ReferenceLabels,
): readonly InlineSpan[] => {
  const spans = new InlineParser(content, references).parse();
  const isCrossing = ({ start, end }: InlineSpan): boolean => /\n|(?<!\\)\|/.test(content.slice(start, end));
  return table && spans.some(isCrossing)
    ? [...spans, { start: 0, end: content.length, kind: 'uncertain' }]
    : spans;
};

/** Marks the visible and hidden characters of a paragraph. */
const markParagraph = (
  text: string,
  marks: Uint8Array,
  { lines, table }: Paragraph,
  spans: readonly InlineSpan[],
): void => {
  for (const { start, end, uncertain } of lines)
    marks.fill(uncertain ? visibility.uncertain : visibility.visible, start, end);
  const base = lines[0]?.start ?? 0;
  const end = lines.at(-1)?.end ?? 0;
  for (const { kind, start, end } of spans) {
    const isHidden = joinsLines(text, kind, base + start, base + end);
    marks.fill(isHidden ? visibility.hidden : spanVisibility[kind], base + start, base + end);
  }
  for (const struck of findStrikethrough(text, marks, { start: base, end }))
    markUncertain(marks, struck.start, struck.end);
  if (table) for (const line of lines) hideCells(text, marks, line);
};

/** Returns whether code or an HTML comment ends on a later line, so that text of that line is displayed on the line where it begins. */
const joinsLines = (text: string, kind: InlineSpan['kind'], start: number, end: number): boolean => {
  if ((kind !== 'code' && kind !== 'comment') || !text.slice(start, end).includes('\n')) return false;
  const rest = /[ \t]*(?:\n|$)/y;
  rest.lastIndex = end;
  return kind === 'code' || !rest.test(text);
};

/** Hides all but the first cell of a row that begins with a slash: GitHub drops cells that the table's head lacks, and all bars. */
const hideCells = (text: string, marks: Uint8Array, { start, end }: TextRange): void => {
  const bar = text[start] === '/' ? text.slice(start, end).indexOf('|') : -1;
  if (bar >= 0) marks.fill(visibility.hidden, start + bar, end);
};

/** Marks visible characters as uncertain. */
const markUncertain = (marks: Uint8Array, start: number, end: number): void => {
  for (let at = start; at < end; at++) if (marks[at] === visibility.visible) marks[at] = visibility.uncertain;
};
