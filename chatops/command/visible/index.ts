import { concealedByElements } from './elements.ts';
import { InlineReader } from './inline.ts';
import type { Outline } from './open-blocks.ts';
import { outline } from './outline.ts';
import { paragraphText, type Range } from './paragraph.ts';

/**
 * What a character of a comment is to its reader: part of a block that is no text of the person's own (code, quote,
 * HTML); shown; shown as inline code; hidden within a line of text (HTML, a link's target and title).
 */
export const sights = { apart: 0, shown: 1, code: 2, hidden: 3 } as const;

/** A comment as its reader sees it. */
export type Sight = {
  /** The comment, its lines ending in LF. */
  text: string;
  /** For each UTF-16 unit of `text` one of `sights`. */
  marks: Uint8Array;
  /** The lines of shown text that may be a command, from the first character that is no blank, in order. */
  lines: Range[];
};

const marksOf = {
  code: sights.code,
  html: sights.hidden,
  link: sights.hidden,
  doubt: sights.hidden,
} as const;

/** Reads a comment as GitHub shows it. Linear in its length. */
export const look = (body: string): Sight => {
  const text = body.replaceAll(/\r\n?/g, '\n');
  const marks = new Uint8Array(text.length).fill(sights.apart);
  const page = outline(text);
  const html = [...page.html, ...paint(text, marks, page)].sort((a, b) => a.start - b.start);
  for (const { start, end } of concealedByElements(text, html)) marks.fill(sights.apart, start, end);
  const lines = page.paragraphs
    .flatMap((paragraph) => (paragraph.concealed ? [] : paragraph.lines))
    .filter(({ start, margin }) => margin && marks[start] === sights.shown);
  return { text, marks, lines };
};

/** Marks the paragraphs and what they hide; returns the HTML found in them. */
const paint = (text: string, marks: Uint8Array, { paragraphs, references }: Outline): Range[] => {
  const html: Range[] = [];
  for (const { lines, concealed } of paragraphs) {
    if (!concealed) for (const { start, end } of lines) marks.fill(sights.shown, start, end);
    const base = lines[0]?.start ?? 0;
    for (const { start, end, kind } of new InlineReader(paragraphText(text, lines), references).read()) {
      if (!concealed) marks.fill(marksOf[kind], base + start, base + end);
      if (kind === 'html') html.push({ start: base + start, end: base + end });
    }
  }
  return html;
};

/**
 * The comment's visible text: of the same length and with the same lines as the comment (CRLF is LF), in which what is
 * code, quoted or hidden is blank.
 */
export const visibleText = (body: string): string => {
  const { text, marks } = look(body);
  return text.replaceAll(/[^\n]/g, (char, at: number) => (marks[at] === sights.shown ? char : ' '));
};
