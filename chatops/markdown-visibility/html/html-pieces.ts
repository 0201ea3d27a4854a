import type { InlineSpan } from '../inline-parser.ts';
import type { HtmlBlock } from '../block-stack.ts';
import { getParagraphText, type Paragraph, type TextRange } from '../paragraph.ts';
import type { HtmlPiece } from './html-ranges.ts';

type ParsedParagraph = { paragraph: Paragraph; spans: readonly InlineSpan[] };

/** A possible start of HTML that does not start an autolink. */
const markup = /<(?![A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>)[A-Za-z/!?]/;

/** Returns the HTML of a comment, by block, in order. */
export const splitHtml = (
  text: string,
  blocks: readonly HtmlBlock[],
  paragraphs: readonly ParsedParagraph[],
): HtmlPiece[] =>
  [
    ...blocks.map((block) => toBlockPiece(text, block)),
    ...paragraphs.flatMap((read) => toParagraphPieces(text, read)),
  ].sort((a, b) => a.start - b.start);

const toBlockPiece = (text: string, { lines, containers, disputed }: HtmlBlock): HtmlPiece => {
  const start = lines[0]?.start ?? 0;
  const position = {
    path: containers,
    blocks: containers,
    isInParagraph: false,
    isApart: isInFootnote(containers),
  };
  if (disputed) return { start, position, containers, raw: [], uncertainFrom: start };
  return { start, position, containers, raw: [{ start, html: getParagraphText(text, lines) }] };
};

const toParagraphPieces = (text: string, read: ParsedParagraph): HtmlPiece[] => {
  const { paragraph } = read;
  const { start, lines, containers, table } = paragraph;
  const blocks = [...containers, paragraph];
  const position = { path: blocks, blocks, isInParagraph: true, isApart: table || isInFootnote(containers) };
  const raw = getRawHtml(text, read);
  const piece = { start, position, containers, uncertainFrom: findUncertainFrom(text, read) };
  if (!table) return [{ ...piece, raw }];
  // Each cell is parsed on its own.
  const rows = lines.map((line): HtmlPiece => ({
    start: line.start,
    position: { ...position, path: [...blocks, line] },
    containers,
    raw: raw.filter((one) => one.start >= line.start && one.start < line.end),
  }));
  return [{ ...piece, raw: [] }, ...rows];
};

const isInFootnote = (containers: HtmlBlock['containers']): boolean =>
  containers.some(({ kind }) => kind === 'footnote');

const getRawHtml = (text: string, { paragraph: { lines }, spans }: ParsedParagraph): HtmlPiece['raw'] => {
  const base = lines[0]?.start ?? 0;
  const content = getParagraphText(text, lines);
  return spans
    .filter(({ kind }) => kind === 'html' || kind === 'comment')
    .map(({ start, end }) => ({ start: base + start, html: content.slice(start, end) }));
};

/** Returns the offset from which parsers disagree about what is HTML in a paragraph; undefined if they agree, or without HTML. */
const findUncertainFrom = (text: string, { paragraph, spans }: ParsedParagraph): number | undefined => {
  const { lines, start, end, ambiguous, table } = paragraph;
  const uncertain = spans.find(({ kind }) => kind === 'uncertain')?.start;
  const since = [
    // In a table, each row is certain, unless it begins like a definition.
    ambiguous && (!table || text[start] === '[') ? start : end,
    lines.find(({ uncertain }) => uncertain)?.start ?? end,
    uncertain === undefined ? end : (lines[0]?.start ?? start) + uncertain,
  ];
  const uncertainFrom = findFirst(markup, text, { start: Math.min(...since), end });
  if (!table) return uncertainFrom;
  return uncertainFrom === undefined && findFirst(/<[!?]/, text, { start, end }) === undefined
    ? undefined
    : start;
};

const findFirst = (pattern: RegExp, text: string, { start, end }: TextRange): number | undefined => {
  const at = text.slice(start, end).search(pattern);
  return at < 0 ? undefined : start + at;
};
