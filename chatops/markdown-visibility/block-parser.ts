import {
  continueContainer,
  findItemMarker,
  startFootnote,
  startItem,
  startQuote,
  type Container,
  type ItemMarker,
} from './container-blocks.ts';
import { LineCursor } from './line-cursor.ts';
import { findHtmlStart } from './html-block.ts';
import { findFence, isDelimiterRow, isHeading, isThematicBreak, isSetextUnderline } from './leaf-blocks.ts';
import { normalizeLabel } from './link.ts';
import { BlockStack, type ParsedBlocks } from './block-stack.ts';

/** The maximum depth of nested containers. A comment with deeper ones has no commands from there on. */
const maxDepth = 32;
/** The text that can precede a command on its line. */
const commandMargin = /^ {0,3}$/;

/** Parses the blocks of a comment (lines end in LF), as CommonMark and GitHub do. Linear in its length. */
export const parseBlocks = (text: string): ParsedBlocks => new BlockParser(text).parse();

class BlockParser {
  readonly #text: string;
  readonly #blocks: BlockStack;
  /** Whether the current line follows an open paragraph, and whether parsers disagree about it. */
  #isInterrupting = false;
  #isUncertain = false;

  constructor(text: string) {
    this.#text = text;
    this.#blocks = new BlockStack(text);
  }

  parse(): ParsedBlocks {
    for (let start = 0; start <= this.#text.length && this.#blocks.depth <= maxDepth;) {
      const newline = this.#text.indexOf('\n', start);
      const end = newline < 0 ? this.#text.length : newline;
      this.#parseLine(start, end);
      start = end + 1;
    }
    return this.#blocks.closeAll();
  }

  #parseLine(start: number, end: number): void {
    const cursor = new LineCursor(this.#text, start, end);
    const missed = this.#blocks.containers.findIndex((container) => !continueContainer(container, cursor));
    const inside = missed < 0;
    const matched = inside ? this.#blocks.depth : missed;
    if (inside && this.#blocks.continueLeaf(cursor)) return;
    if (cursor.isBlank || !this.#blocks.paragraph) this.#blocks.closeTo(matched);
    this.#isInterrupting = inside && this.#blocks.paragraph !== undefined;
    this.#isUncertain = false;
    if (!this.#openBlocks(cursor, matched)) this.#addText(cursor, start, matched === 0);
  }

  /** Opens the blocks that the line begins. Returns whether nothing of the line is left. */
  #openBlocks(cursor: LineCursor, matched: number): boolean {
    for (let depth = matched; depth <= maxDepth; depth = this.#blocks.depth) {
      if (cursor.isBlank) return true;
      if (cursor.isIndented) return this.#openIndentedCode(depth);
      if (this.#openLeaf(cursor, depth)) return true;
      const container = this.#openContainer(cursor);
      if (!container) return false;
      this.#blocks.openContainer(container, depth);
    }
    return true;
  }

  #openIndentedCode(depth: number): boolean {
    const paragraph = this.#blocks.paragraph;
    if (paragraph) {
      this.#isUncertain = paragraph.ambiguous;
      return false;
    }
    this.#blocks.openLeaf({ kind: 'indented' }, depth);
    return true;
  }

  #openLeaf(cursor: LineCursor, depth: number): boolean {
    const { char } = cursor;
    if (char === '#' && isHeading(cursor.rest)) return this.#addHeading(cursor, depth);
    if (char === '`' || char === '~') return this.#openFence(cursor, depth);
    if (char === '<') return this.#openHtml(cursor, depth);
    const inside = depth === this.#blocks.depth;
    if (inside && (char === '=' || char === '-') && this.#closeSetextHeading(cursor)) return true;
    if (!'*_-'.includes(char) || !isThematicBreak(cursor.rest)) return false;
    this.#blocks.openLeaf({ kind: 'none' }, depth);
    return true;
  }

  #addHeading(cursor: LineCursor, depth: number): boolean {
    this.#blocks.openLeaf({ kind: 'none' }, depth);
    this.#blocks.addHeading(cursor.next, cursor.end);
    return true;
  }

  #openFence(cursor: LineCursor, depth: number): boolean {
    const run = findFence(cursor.rest);
    if (run === undefined) return false;
    this.#blocks.openLeaf({ kind: 'fence', run }, depth);
    return true;
  }

  #openHtml(cursor: LineCursor, depth: number): boolean {
    const found = findHtmlStart(cursor.rest);
    const paragraph = this.#blocks.paragraph;
    if (!found) return false;
    if (found.loose && paragraph && !paragraph.ambiguous) {
      // If the container does not continue, only some parsers continue the paragraph.
      this.#isUncertain = !this.#isInterrupting;
      return false;
    }
    if (found.loose && paragraph) paragraph.concealed = true;
    this.#blocks.openLeaf({ kind: 'html', end: found.end }, depth);
    this.#blocks.addHtml(
      cursor.at,
      cursor.end,
      found.disputed || paragraph?.ambiguous === true || this.#isUncertain,
    );
    if (found.end?.test(cursor.rest)) this.#blocks.closeLeaf();
    return true;
  }

  /** Closes a paragraph that `===` or `---` below it turns into a heading. */
  #closeSetextHeading(cursor: LineCursor): boolean {
    const paragraph = this.#blocks.paragraph;
    // Below a table, `===` is one of its rows.
    if (!paragraph || !isSetextUnderline(cursor.rest) || (paragraph.table && cursor.char === '='))
      return false;
    this.#blocks.removeDefinitions(paragraph);
    this.#blocks.closeLeaf();
    return paragraph.lines.length > 0;
  }

  #openContainer(cursor: LineCursor): Container | undefined {
    const quote = startQuote(cursor);
    if (quote) return quote;
    const footnote = startFootnote(cursor);
    if (footnote) {
      const label = normalizeLabel(footnote.label);
      if (label !== undefined) this.#blocks.footnotes.add(label);
      return footnote.container;
    }
    const marker = findItemMarker(cursor);
    return marker && this.#mayOpenItem(marker) ? startItem(cursor, marker) : undefined;
  }

  /**
   * Returns whether a marker can begin a list: not every marker can interrupt a paragraph. Parsers disagree whether that also applies
   * after another container that begins on the same line.
   */
  #mayOpenItem({ interrupts }: ItemMarker): boolean {
    if (interrupts || !this.#isInterrupting) return true;
    this.#isUncertain = this.#blocks.paragraph?.ambiguous ?? true;
    return false;
  }

  #addText(cursor: LineCursor, start: number, outermost: boolean): void {
    const open = this.#blocks.paragraph;
    const top = this.#blocks.depth === 0;
    const lazy = outermost && !top && open !== undefined;
    const paragraph = open ?? this.#blocks.openParagraph(cursor.rest, cursor.next);
    paragraph.uncertain ||= this.#isUncertain || (lazy && paragraph.ambiguous);
    if (open && isDelimiterRow(cursor.rest)) {
      paragraph.ambiguous = paragraph.table = true;
      // Parsers disagree whether a single tag on the line before is the head of a table or a block of HTML.
      paragraph.uncertain ||= this.#text[open.lines.at(-1)?.start ?? 0] === '<';
    }
    const margin = (top || lazy) && commandMargin.test(this.#text.slice(start, cursor.next));
    paragraph.end = cursor.end;
    paragraph.lines.push({ start: cursor.next, end: cursor.end, margin, uncertain: paragraph.uncertain });
  }
}
