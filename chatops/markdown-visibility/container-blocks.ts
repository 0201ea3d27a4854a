import type { LineCursor } from './line-cursor.ts';

/** A block that holds other blocks. */
export type Container = {
  kind: 'quote' | 'item' | 'footnote';
  /** Columns by which a further line must be indented to belong to it; none for a quote. */
  indent: number;
  /** Nothing stands in it yet. */
  empty: boolean;
};

/** A list item's marker. */
export type ItemMarker = {
  length: number;
  /** It may begin a list in the middle of a paragraph. */
  interrupts: boolean;
};

/** Columns by which the further lines of a footnote are indented. */
const footnoteIndent = 4;
const footnoteStart = /^\[\^((?:\\[\\[\]]|\\(?![\\[\]])|[^\\[\]\s]){1,999})\]:/;
const bullet = /^[*+-]/;
const ordinal = /^(\d{1,9})[.)]/;

/** Whether what stands in it is no text of the person's own, or not shown where it stands. */
export const isConcealing = (container: Container): boolean => container.kind !== 'item';

/** Consumes what shows that the line goes on within the container; false if it does not. */
export const continueContainer = (container: Container, cursor: LineCursor): boolean => {
  if (container.kind === 'quote') return startQuote(cursor) !== undefined;
  if (cursor.isBlank) return !container.empty || container.kind === 'footnote';
  if (cursor.indent < container.indent) return false;
  cursor.skipColumns(container.indent);
  return true;
};

/** `> `: consumes it. */
export const startQuote = (cursor: LineCursor): Container | undefined => {
  if (cursor.isIndented || cursor.char !== '>') return undefined;
  cursor.skip(1);
  cursor.skipColumns(1);
  return { kind: 'quote', indent: 0, empty: true };
};

/** `[^label]:` consumes it and says the label. */
export const startFootnote = (cursor: LineCursor): { container: Container; label: string } | undefined => {
  const found = cursor.char === '[' ? footnoteStart.exec(cursor.rest) : null;
  if (!found) return undefined;
  cursor.skip(found[0].length);
  cursor.skipColumns(cursor.indent);
  const container: Container = { kind: 'footnote', indent: footnoteIndent, empty: true };
  return { container, label: found[1] ?? '' };
};

/** A list item's marker, not consumed. */
export const findItemMarker = (cursor: LineCursor): ItemMarker | undefined => {
  const start = cursor.text.slice(cursor.next, Math.min(cursor.next + 11, cursor.end));
  const found = bullet.exec(start) ?? ordinal.exec(start);
  if (!found) return undefined;
  const after = cursor.next + found[0].length;
  if (after < cursor.end && !' \t'.includes(cursor.text.charAt(after))) return undefined;
  const bare = /^[ \t]*$/.test(cursor.text.slice(after, cursor.end));
  const interrupts = !bare && (found[1] === undefined || Number(found[1]) === 1);
  return { length: found[0].length, interrupts };
};

/** Consumes a list item's marker and the blanks that belong to it. */
export const startItem = (cursor: LineCursor, { length }: ItemMarker): Container => {
  const before = cursor.indent;
  cursor.skip(length);
  // One blank belongs to the marker, up to four if text follows them; with five the item begins with indented code.
  const blanks = cursor.isBlank || cursor.indent > 4 ? 1 : cursor.indent;
  cursor.skipColumns(blanks);
  return { kind: 'item', indent: before + length + blanks, empty: true };
};
