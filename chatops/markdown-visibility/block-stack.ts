import { isConcealing, type Container } from './container-blocks.ts';
import type { LineCursor } from './line-cursor.ts';
import type { HtmlEnd } from './html-block.ts';
import type { ReferenceLabels } from './inline-parser.ts';
import { isClosingFence } from './leaf-blocks.ts';
import { mayBeginWithDefinition } from './link.ts';
import { removeDefinitions, type OpenParagraph, type Paragraph, type TextRange } from './paragraph.ts';

/** An HTML block, and the blocks around it. `disputed`: some parsers treat it as a paragraph. */
export type HtmlBlock = { lines: TextRange[]; containers: readonly Container[]; disputed: boolean };

/** The blocks of a comment, as far as they matter here. */
export type ParsedBlocks = { paragraphs: Paragraph[]; html: HtmlBlock[]; references: ReferenceLabels };

type Leaf =
  | { kind: 'none' }
  | { kind: 'paragraph'; paragraph: OpenParagraph }
  | { kind: 'indented' }
  | { kind: 'fence'; run: string }
  | { kind: 'html'; end: HtmlEnd };

/** What is open while a comment is read line by line: containers in one another, and the block in the innermost; and what has been found. */
export class BlockStack {
  readonly #text: string;
  readonly #containers: Container[] = [];
  #leaf: Leaf = { kind: 'none' };
  readonly #paragraphs: Paragraph[] = [];
  readonly #html: HtmlBlock[] = [];
  readonly #links = new Set<string>();
  /** Labels of the footnotes that were found, in normal form. */
  readonly footnotes = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  /** Outermost first. */
  get containers(): readonly Container[] {
    return this.#containers;
  }

  get depth(): number {
    return this.#containers.length;
  }

  /** The open paragraph, which a line would interrupt or continue. */
  get paragraph(): OpenParagraph | undefined {
    return this.#leaf.kind === 'paragraph' ? this.#leaf.paragraph : undefined;
  }

  /** Code and HTML go on whatever the line says, up to their own end. True if the line is consumed. */
  continueLeaf(cursor: LineCursor): boolean {
    const leaf = this.#leaf;
    if (leaf.kind === 'fence') {
      if (!cursor.isIndented && isClosingFence(cursor.rest, leaf.run)) this.closeLeaf();
      return true;
    }
    if (leaf.kind === 'html') {
      if (leaf.end === null && cursor.isBlank) return false;
      this.#html.at(-1)?.lines.push({ start: cursor.at, end: cursor.end });
      if (leaf.end?.test(cursor.rest)) this.closeLeaf();
      return true;
    }
    return leaf.kind === 'indented' && (cursor.isIndented || cursor.isBlank);
  }

  /** Begins a container within the first `depth` containers, and ends all that is open beyond. */
  openContainer(container: Container, depth: number): void {
    this.closeTo(depth);
    this.#fill();
    this.#containers.push(container);
  }

  /** Begins a block of lines within the first `depth` containers, and ends all that is open beyond. */
  openLeaf(leaf: Leaf, depth: number): void {
    this.closeTo(depth);
    this.#fill();
    this.#leaf = leaf;
  }

  /** @param rest its first line from `start`, the first non-blank character */
  openParagraph(rest: string, start: number): OpenParagraph {
    const paragraph = {
      ...this.#block,
      lines: [],
      start,
      end: start,
      concealed: this.#concealed,
      unsure: mayBeginWithDefinition(rest),
      table: false,
      dark: false,
    };
    this.openLeaf({ kind: 'paragraph', paragraph }, this.depth);
    return paragraph;
  }

  addHeading(start: number, end: number): void {
    const lines = [{ start, end, margin: false, dark: false }];
    const concealed = this.#concealed;
    this.#paragraphs.push({ ...this.#block, lines, start, end, concealed, unsure: false, table: false });
  }

  /** @param disputed whether some parsers do not begin a block here */
  addHtml(start: number, end: number, disputed: boolean): void {
    this.#html.push({ ...this.#block, lines: [{ start, end }], disputed });
  }

  /** Ends what is open beyond the first `depth` containers. */
  closeTo(depth: number): void {
    this.closeLeaf();
    this.#containers.length = depth;
  }

  closeLeaf(): void {
    const { paragraph } = this;
    this.#leaf = { kind: 'none' };
    if (!paragraph) return;
    this.removeDefinitions(paragraph);
    this.#paragraphs.push(paragraph);
  }

  /** Takes the link definitions out with which the paragraph begins. */
  removeDefinitions(paragraph: OpenParagraph): void {
    for (const label of removeDefinitions(this.#text, paragraph)) this.#links.add(label);
  }

  /** Ends everything. */
  closeAll(): ParsedBlocks {
    this.closeTo(0);
    const references = { links: this.#links, footnotes: this.footnotes };
    return { paragraphs: this.#paragraphs, html: this.#html, references };
  }

  /** What stands in the innermost container is no text of the person's own, or not shown where it stands. */
  get #concealed(): boolean {
    return this.#containers.some(isConcealing);
  }

  get #block(): { containers: readonly Container[] } {
    return { containers: [...this.#containers] };
  }

  /** Something stands in the innermost container now. */
  #fill(): void {
    const container = this.#containers.at(-1);
    if (container) container.empty = false;
  }
}
