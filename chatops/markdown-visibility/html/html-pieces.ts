import type { InlineSpan } from '../inline-parser.ts';
import type { HtmlBlock } from '../block-stack.ts';
import { getParagraphText, type Paragraph, type TextRange } from '../paragraph.ts';
import type { HtmlPiece } from './html-ranges.ts';

type ReadParagraph = { paragraph: Paragraph; spans: readonly InlineSpan[] };

/** A possible start of HTML that does not start an autolink. */
const markup = /<(?![A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>)[A-Za-z/!?]/;

/** Returns the HTML of a comment, by block, in order. */
export const splitHtml = (
  text: string,
  blocks: readonly HtmlBlock[],
  paragraphs: readonly ReadParagraph[],
): HtmlPiece[] =>
  [
    ...blocks.map((block) => blockPiece(text, block)),
    ...paragraphs.flatMap((read) => paragraphPieces(text, read)),
  ].sort((a, b) => a.start - b.start);

const blockPiece = (text: string, { lines, containers, disputed }: HtmlBlock): HtmlPiece => {
  const start = lines[0]?.start ?? 0;
  const spot = {
    path: containers,
    blocks: containers,
    isInParagraph: false,
    isApart: isNote(containers),
  };
  if (disputed) return { start, spot, containers, raw: [], doubtful: start };
  return { start, spot, containers, raw: [{ start, html: getParagraphText(text, lines) }] };
};

const paragraphPieces = (text: string, read: ReadParagraph): HtmlPiece[] => {
  const { paragraph } = read;
  const { start, lines, containers, table } = paragraph;
  const blocks = [...containers, paragraph];
  const spot = { path: blocks, blocks, isInParagraph: true, isApart: table || isNote(containers) };
  const raw = rawOf(text, read);
  const piece = { start, spot, containers, doubtful: doubtfulFrom(text, read) };
  if (!table) return [{ ...piece, raw }];
  // Each cell is parsed on its own.
  const rows = lines.map((line): HtmlPiece => ({
    start: line.start,
    spot: { ...spot, path: [...blocks, line] },
    containers,
    raw: raw.filter((one) => one.start >= line.start && one.start < line.end),
  }));
  return [{ ...piece, raw: [] }, ...rows];
};

const isNote = (containers: HtmlBlock['containers']): boolean =>
  containers.some(({ kind }) => kind === 'footnote');

const rawOf = (text: string, { paragraph: { lines }, spans }: ReadParagraph): HtmlPiece['raw'] => {
  const base = lines[0]?.start ?? 0;
  const content = getParagraphText(text, lines);
  return spans
    .filter(({ kind }) => kind === 'html' || kind === 'note')
    .map(({ start, end }) => ({ start: base + start, html: content.slice(start, end) }));
};

/** Returns the offset from which parsers disagree about what is HTML in a paragraph; undefined if they agree, or without HTML. */
const doubtfulFrom = (text: string, { paragraph, spans }: ReadParagraph): number | undefined => {
  const { lines, start, end, unsure, table } = paragraph;
  const doubt = spans.find(({ kind }) => kind === 'doubt')?.start;
  const since = [
    // In a table, each row is certain, unless it begins like a definition.
    unsure && (!table || text[start] === '[') ? start : end,
    lines.find(({ dark }) => dark)?.start ?? end,
    doubt === undefined ? end : (lines[0]?.start ?? start) + doubt,
  ];
  const doubtful = firstOf(markup, text, { start: Math.min(...since), end });
  if (!table) return doubtful;
  return doubtful === undefined && firstOf(/<[!?]/, text, { start, end }) === undefined ? undefined : start;
};

const firstOf = (pattern: RegExp, text: string, { start, end }: TextRange): number | undefined => {
  const at = text.slice(start, end).search(pattern);
  return at < 0 ? undefined : start + at;
};
