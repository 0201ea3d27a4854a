import type { LineCursor } from './line-cursor.ts';

/** A block that contains other blocks. */
export type Container = {
  kind: 'quote' | 'item' | 'footnote';
  /** The columns by which its further lines must be indented; 0 for a quote. */
  indent: number;
  /** It contains nothing so far. */
  empty: boolean;
};

/** The marker of a list item. */
export type ItemMarker = {
  length: number;
  /** It can begin a list in the middle of a paragraph. */
  interrupts: boolean;
};

/** The columns by which the further lines of a footnote are indented. */
const footnoteIndent = 4;
const footnoteStart = /^\[\^((?:\\[\\[\]]|\\(?![\\[\]])|[^\\[\]\s]){1,999})\]:/;
const bullet = /^[*+-]/;
const ordinal = /^(\d{1,9})[.)]/;

/** Returns whether the content of a container is not the author's own text, or is displayed elsewhere. */
export const isConcealing = (container: Container): boolean => container.kind !== 'item';

/** Consumes the prefix with which a line continues a container; returns false if the line does not continue it. */
export const continueContainer = (container: Container, cursor: LineCursor): boolean => {
  if (container.kind === 'quote') return startQuote(cursor) !== undefined;
  if (cursor.isBlank) return !container.empty || container.kind === 'footnote';
  if (cursor.indent < container.indent) return false;
  cursor.skipColumns(container.indent);
  return true;
};

/** Consumes `> ` and returns the quote that it begins. */
export const startQuote = (cursor: LineCursor): Container | undefined => {
  if (cursor.isIndented || cursor.char !== '>') return undefined;
  cursor.skip(1);
  cursor.skipColumns(1);
  return { kind: 'quote', indent: 0, empty: true };
};

/** Consumes `[^label]:` and returns the footnote that it begins, with its label. */
export const startFootnote = (cursor: LineCursor): { container: Container; label: string } | undefined => {
  const match = cursor.char === '[' ? footnoteStart.exec(cursor.rest) : null;
  if (!match) return undefined;
  cursor.skip(match[0].length);
  cursor.skipColumns(cursor.indent);
  const container: Container = { kind: 'footnote', indent: footnoteIndent, empty: true };
  return { container, label: match[1] ?? '' };
};

/** Returns the marker of a list item, without consuming it. */
export const findItemMarker = (cursor: LineCursor): ItemMarker | undefined => {
  const start = cursor.text.slice(cursor.next, Math.min(cursor.next + 11, cursor.end));
  const match = bullet.exec(start) ?? ordinal.exec(start);
  if (!match) return undefined;
  const after = cursor.next + match[0].length;
  if (after < cursor.end && !' \t'.includes(cursor.text.charAt(after))) return undefined;
  const isBare = /^[ \t]*$/.test(cursor.text.slice(after, cursor.end));
  const interrupts = !isBare && (match[1] === undefined || Number(match[1]) === 1);
  return { length: match[0].length, interrupts };
};

/** Consumes the marker of a list item and the blanks that belong to it. */
export const startItem = (cursor: LineCursor, { length }: ItemMarker): Container => {
  const before = cursor.indent;
  cursor.skip(length);
  // One blank belongs to the marker, or up to four if text follows. With five, the item begins with indented code.
  const blanks = cursor.isBlank || cursor.indent > 4 ? 1 : cursor.indent;
  cursor.skipColumns(blanks);
  return { kind: 'item', indent: before + length + blanks, empty: true };
};
