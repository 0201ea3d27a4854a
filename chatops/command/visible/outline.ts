import {
  conceals,
  continues,
  itemMarker,
  startFootnote,
  startItem,
  startQuote,
  type Container,
  type Marker,
} from './container.ts';
import { Cursor } from './cursor.ts';
import { htmlStart, type HtmlEnd } from './html-block.ts';
import type { References } from './inline.ts';
import { closesFence, fenceRun, isDelimiterRow, isHeading, isRule, isUnderline } from './leaf.ts';
import { mayDefine, normalLabel } from './link.ts';
import { takeDefinitions, type OpenParagraph, type Paragraph, type Range } from './paragraph.ts';

/** The blocks of a comment, as far as they matter here. */
export type Outline = { paragraphs: Paragraph[]; html: Range[]; references: References };

type Leaf =
  | { kind: 'none' }
  | { kind: 'paragraph'; paragraph: OpenParagraph }
  | { kind: 'indented' }
  | { kind: 'fence'; run: string }
  | { kind: 'html'; end: HtmlEnd };

/** Containers in one another that are followed; a comment that nests deeper has no commands from there on. */
const deepest = 32;
/** What may stand before a command. */
const marginOnly = /^ {0,3}$/;

/** Finds the blocks of a comment (lines end in LF), as CommonMark and GitHub do. Linear in its length. */
export const outline = (text: string): Outline => new Outliner(text).read();

class Outliner {
  readonly #text: string;
  #containers: Container[] = [];
  #leaf: Leaf = { kind: 'none' };
  /** Of the line that is read: it follows an open paragraph; parsers disagree about what it is. */
  #interrupting = false;
  #doubtful = false;
  readonly #paragraphs: Paragraph[] = [];
  readonly #html: Range[] = [];
  readonly #links = new Set<string>();
  readonly #footnotes = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  read(): Outline {
    for (let start = 0; start <= this.#text.length && this.#containers.length <= deepest;) {
      const newline = this.#text.indexOf('\n', start);
      const end = newline < 0 ? this.#text.length : newline;
      this.#line(start, end);
      start = end + 1;
    }
    this.#endLeaf();
    const references = { links: this.#links, footnotes: this.#footnotes };
    return { paragraphs: this.#paragraphs, html: this.#html, references };
  }

  #line(start: number, end: number): void {
    const cursor = new Cursor(this.#text, start, end);
    let matched = 0;
    while (matched < this.#containers.length && continues(this.#containers[matched] as Container, cursor))
      matched++;
    const inside = matched === this.#containers.length;
    if (inside && this.#goesOn(cursor)) return;
    if (cursor.blank || !this.#paragraph) this.#endTo(matched);
    this.#interrupting = inside && this.#paragraph !== undefined;
    this.#doubtful = false;
    if (!this.#begin(cursor, matched)) this.#addText(cursor, start, matched === 0);
  }

  /** Code and HTML go on whatever the line says, up to their own end. True if the line is consumed. */
  #goesOn(cursor: Cursor): boolean {
    const leaf = this.#leaf;
    if (leaf.kind === 'fence') {
      if (!cursor.indented && closesFence(cursor.rest, leaf.run)) this.#endLeaf();
      return true;
    }
    if (leaf.kind === 'html') {
      if (leaf.end === null && cursor.blank) return false;
      const block = this.#html.at(-1);
      if (block) block.end = cursor.end;
      if (leaf.end?.test(cursor.rest)) this.#endLeaf();
      return true;
    }
    return leaf.kind === 'indented' && (cursor.indented || cursor.blank);
  }

  /** Begins the blocks that the line begins. True if nothing of the line is left. */
  #begin(cursor: Cursor, matched: number): boolean {
    for (let depth = matched; depth <= deepest; depth = this.#containers.length) {
      if (cursor.blank) return true;
      if (cursor.indented) return this.#beginIndented(depth);
      if (this.#beginLeaf(cursor, depth)) return true;
      const container = this.#beginContainer(cursor);
      if (!container) return false;
      this.#endTo(depth);
      this.#fill();
      this.#containers.push(container);
    }
    return true;
  }

  /** The open paragraph, if the line would interrupt or continue it. */
  get #paragraph(): OpenParagraph | undefined {
    return this.#leaf.kind === 'paragraph' ? this.#leaf.paragraph : undefined;
  }

  #beginIndented(depth: number): boolean {
    const paragraph = this.#paragraph;
    if (paragraph) {
      this.#doubtful = paragraph.unsure;
      return false;
    }
    this.#startLeaf({ kind: 'indented' }, depth);
    return true;
  }

  #beginLeaf(cursor: Cursor, depth: number): boolean {
    const { char } = cursor;
    if (char === '#' && isHeading(cursor.rest)) return this.#heading(cursor, depth);
    if (char === '`' || char === '~') return this.#beginFence(cursor, depth);
    if (char === '<') return this.#beginHtml(cursor, depth);
    const inside = depth === this.#containers.length;
    if (inside && (char === '=' || char === '-') && this.#underline(cursor)) return true;
    if (!'*_-'.includes(char) || !isRule(cursor.rest)) return false;
    this.#startLeaf({ kind: 'none' }, depth);
    return true;
  }

  #heading(cursor: Cursor, depth: number): boolean {
    this.#startLeaf({ kind: 'none' }, depth);
    const lines = [{ start: cursor.next, end: cursor.end, margin: false }];
    this.#paragraphs.push({ lines, concealed: this.#containers.some(conceals) });
    return true;
  }

  #beginFence(cursor: Cursor, depth: number): boolean {
    const run = fenceRun(cursor.rest);
    if (run === undefined) return false;
    this.#startLeaf({ kind: 'fence', run }, depth);
    return true;
  }

  #beginHtml(cursor: Cursor, depth: number): boolean {
    const found = htmlStart(cursor.rest);
    const paragraph = this.#paragraph;
    if (!found || (found.loose && paragraph && !paragraph.unsure)) return false;
    if (found.loose && paragraph) paragraph.concealed = true;
    this.#startLeaf({ kind: 'html', end: found.end }, depth);
    this.#html.push({ start: cursor.at, end: cursor.end });
    if (found.end?.test(cursor.rest)) this.#endLeaf();
    return true;
  }

  /** `===` or `---` under a paragraph makes it a heading. */
  #underline(cursor: Cursor): boolean {
    const paragraph = this.#paragraph;
    if (!paragraph || !isUnderline(cursor.rest)) return false;
    for (const label of takeDefinitions(this.#text, paragraph)) this.#links.add(label);
    this.#endLeaf();
    return paragraph.lines.length > 0;
  }

  #beginContainer(cursor: Cursor): Container | undefined {
    const quote = startQuote(cursor);
    if (quote) return quote;
    const footnote = startFootnote(cursor);
    if (footnote) {
      const label = normalLabel(footnote.label);
      if (label !== undefined) this.#footnotes.add(label);
      return footnote.container;
    }
    const marker = itemMarker(cursor);
    return marker && this.#mayBeginItem(marker) ? startItem(cursor, marker) : undefined;
  }

  /**
   * Not every marker may begin a list where a paragraph goes on. Parsers disagree whether that holds also after another
   * container that begins on the same line.
   */
  #mayBeginItem({ interrupts }: Marker): boolean {
    if (interrupts || !this.#interrupting) return true;
    this.#doubtful = this.#paragraph?.unsure ?? true;
    return false;
  }

  #addText(cursor: Cursor, start: number, outermost: boolean): void {
    const open = this.#paragraph;
    const top = this.#containers.length === 0;
    const lazy = outermost && !top && open !== undefined;
    const paragraph = open ?? this.#startParagraph(cursor);
    paragraph.dark ||= this.#doubtful || (lazy && paragraph.unsure);
    if (open && isDelimiterRow(cursor.rest)) paragraph.unsure = true;
    const margin = (top || lazy) && !paragraph.dark && marginOnly.test(this.#text.slice(start, cursor.next));
    paragraph.lines.push({ start: cursor.next, end: cursor.end, margin });
  }

  #startParagraph(cursor: Cursor): OpenParagraph {
    const concealed = this.#containers.some(conceals);
    const paragraph = { lines: [], concealed, unsure: mayDefine(cursor.rest), dark: false };
    this.#startLeaf({ kind: 'paragraph', paragraph }, this.#containers.length);
    return paragraph;
  }

  #startLeaf(leaf: Leaf, depth: number): void {
    this.#endTo(depth);
    this.#fill();
    this.#leaf = leaf;
  }

  /** Something stands in the innermost container now. */
  #fill(): void {
    const container = this.#containers.at(-1);
    if (container) container.empty = false;
  }

  /** Ends what is open beyond the first `depth` containers. */
  #endTo(depth: number): void {
    this.#endLeaf();
    this.#containers.length = depth;
  }

  #endLeaf(): void {
    const paragraph = this.#paragraph;
    this.#leaf = { kind: 'none' };
    if (!paragraph) return;
    for (const label of takeDefinitions(this.#text, paragraph)) this.#links.add(label);
    if (paragraph.lines.length > 0)
      this.#paragraphs.push({ lines: paragraph.lines, concealed: paragraph.concealed });
  }
}
