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

/** Containers in one another that are followed; a comment that nests deeper has no commands from there on. */
const deepest = 32;
/** What may stand before a command. */
const marginOnly = /^ {0,3}$/;

/** Finds the blocks of a comment (lines end in LF), as CommonMark and GitHub do. Linear in its length. */
export const parseBlocks = (text: string): ParsedBlocks => new Outliner(text).read();

class Outliner {
  readonly #text: string;
  readonly #blocks: BlockStack;
  /** Of the line that is read: it follows an open paragraph; parsers disagree about what it is. */
  #interrupting = false;
  #doubtful = false;

  constructor(text: string) {
    this.#text = text;
    this.#blocks = new BlockStack(text);
  }

  read(): ParsedBlocks {
    for (let start = 0; start <= this.#text.length && this.#blocks.depth <= deepest;) {
      const newline = this.#text.indexOf('\n', start);
      const end = newline < 0 ? this.#text.length : newline;
      this.#line(start, end);
      start = end + 1;
    }
    return this.#blocks.closeAll();
  }

  #line(start: number, end: number): void {
    const cursor = new LineCursor(this.#text, start, end);
    const missed = this.#blocks.containers.findIndex((container) => !continueContainer(container, cursor));
    const inside = missed < 0;
    const matched = inside ? this.#blocks.depth : missed;
    if (inside && this.#blocks.continueLeaf(cursor)) return;
    if (cursor.isBlank || !this.#blocks.paragraph) this.#blocks.closeTo(matched);
    this.#interrupting = inside && this.#blocks.paragraph !== undefined;
    this.#doubtful = false;
    if (!this.#begin(cursor, matched)) this.#addText(cursor, start, matched === 0);
  }

  /** Begins the blocks that the line begins. True if nothing of the line is left. */
  #begin(cursor: LineCursor, matched: number): boolean {
    for (let depth = matched; depth <= deepest; depth = this.#blocks.depth) {
      if (cursor.isBlank) return true;
      if (cursor.isIndented) return this.#beginIndented(depth);
      if (this.#beginLeaf(cursor, depth)) return true;
      const container = this.#beginContainer(cursor);
      if (!container) return false;
      this.#blocks.openContainer(container, depth);
    }
    return true;
  }

  #beginIndented(depth: number): boolean {
    const paragraph = this.#blocks.paragraph;
    if (paragraph) {
      this.#doubtful = paragraph.unsure;
      return false;
    }
    this.#blocks.openLeaf({ kind: 'indented' }, depth);
    return true;
  }

  #beginLeaf(cursor: LineCursor, depth: number): boolean {
    const { char } = cursor;
    if (char === '#' && isHeading(cursor.rest)) return this.#heading(cursor, depth);
    if (char === '`' || char === '~') return this.#beginFence(cursor, depth);
    if (char === '<') return this.#beginHtml(cursor, depth);
    const inside = depth === this.#blocks.depth;
    if (inside && (char === '=' || char === '-') && this.#underline(cursor)) return true;
    if (!'*_-'.includes(char) || !isThematicBreak(cursor.rest)) return false;
    this.#blocks.openLeaf({ kind: 'none' }, depth);
    return true;
  }

  #heading(cursor: LineCursor, depth: number): boolean {
    this.#blocks.openLeaf({ kind: 'none' }, depth);
    this.#blocks.addHeading(cursor.next, cursor.end);
    return true;
  }

  #beginFence(cursor: LineCursor, depth: number): boolean {
    const run = findFence(cursor.rest);
    if (run === undefined) return false;
    this.#blocks.openLeaf({ kind: 'fence', run }, depth);
    return true;
  }

  #beginHtml(cursor: LineCursor, depth: number): boolean {
    const found = findHtmlStart(cursor.rest);
    const paragraph = this.#blocks.paragraph;
    if (!found) return false;
    if (found.loose && paragraph && !paragraph.unsure) {
      // If its container does not continue, only some parsers continue the paragraph.
      this.#doubtful = !this.#interrupting;
      return false;
    }
    if (found.loose && paragraph) paragraph.concealed = true;
    this.#blocks.openLeaf({ kind: 'html', end: found.end }, depth);
    this.#blocks.addHtml(
      cursor.at,
      cursor.end,
      found.disputed || paragraph?.unsure === true || this.#doubtful,
    );
    if (found.end?.test(cursor.rest)) this.#blocks.closeLeaf();
    return true;
  }

  /** `===` or `---` under a paragraph makes it a heading. */
  #underline(cursor: LineCursor): boolean {
    const paragraph = this.#blocks.paragraph;
    // Below a table `===` is one of its rows.
    if (!paragraph || !isSetextUnderline(cursor.rest) || (paragraph.table && cursor.char === '='))
      return false;
    this.#blocks.removeDefinitions(paragraph);
    this.#blocks.closeLeaf();
    return paragraph.lines.length > 0;
  }

  #beginContainer(cursor: LineCursor): Container | undefined {
    const quote = startQuote(cursor);
    if (quote) return quote;
    const footnote = startFootnote(cursor);
    if (footnote) {
      const label = normalizeLabel(footnote.label);
      if (label !== undefined) this.#blocks.footnotes.add(label);
      return footnote.container;
    }
    const marker = findItemMarker(cursor);
    return marker && this.#mayBeginItem(marker) ? startItem(cursor, marker) : undefined;
  }

  /**
   * Not every marker may begin a list where a paragraph goes on. Parsers disagree whether that holds also after another
   * container that begins on the same line.
   */
  #mayBeginItem({ interrupts }: ItemMarker): boolean {
    if (interrupts || !this.#interrupting) return true;
    this.#doubtful = this.#blocks.paragraph?.unsure ?? true;
    return false;
  }

  #addText(cursor: LineCursor, start: number, outermost: boolean): void {
    const open = this.#blocks.paragraph;
    const top = this.#blocks.depth === 0;
    const lazy = outermost && !top && open !== undefined;
    const paragraph = open ?? this.#blocks.openParagraph(cursor.rest, cursor.next);
    paragraph.dark ||= this.#doubtful || (lazy && paragraph.unsure);
    if (open && isDelimiterRow(cursor.rest)) {
      paragraph.unsure = paragraph.table = true;
      // A tag alone on the line before is a table's head to some, and a block of HTML to others.
      paragraph.dark ||= this.#text[open.lines.at(-1)?.start ?? 0] === '<';
    }
    const margin = (top || lazy) && marginOnly.test(this.#text.slice(start, cursor.next));
    paragraph.end = cursor.end;
    paragraph.lines.push({ start: cursor.next, end: cursor.end, margin, dark: paragraph.dark });
  }
}
