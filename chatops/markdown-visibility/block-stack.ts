import { isConcealing, type Container } from './container-blocks.ts';
import type { LineCursor } from './line-cursor.ts';
import type { HtmlEnd } from './html-block.ts';
import type { ReferenceLabels } from './inline-parser.ts';
import { isClosingFence } from './leaf-blocks.ts';
import { mayBeginWithDefinition } from './link.ts';
import { removeDefinitions, type OpenParagraph, type Paragraph, type TextRange } from './paragraph.ts';

/** An HTML block, and the blocks around it. `disputed`: some parsers treat it as a paragraph. */
export type HtmlBlock = { lines: TextRange[]; containers: readonly Container[]; disputed: boolean };

/** The blocks of a comment that are needed to determine visibility. */
export type ParsedBlocks = { paragraphs: Paragraph[]; html: HtmlBlock[]; references: ReferenceLabels };

type OpenLeaf =
  | { kind: 'none' }
  | { kind: 'paragraph'; paragraph: OpenParagraph }
  | { kind: 'indented' }
  | { kind: 'fence'; run: string }
  | { kind: 'html'; end: HtmlEnd };

/** The stack of open blocks while a comment is parsed line by line (nested containers, and the leaf in the innermost), and the result. */
export class BlockStack {
  readonly #text: string;
  readonly #containers: Container[] = [];
  #leaf: OpenLeaf = { kind: 'none' };
  readonly #paragraphs: Paragraph[] = [];
  readonly #html: HtmlBlock[] = [];
  readonly #links = new Set<string>();
  /** The normalized labels of the footnotes so far. */
  readonly footnotes = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  /** The open containers, outermost first. */
  get containers(): readonly Container[] {
    return this.#containers;
  }

  get depth(): number {
    return this.#containers.length;
  }

  /** The open paragraph, if any. */
  get paragraph(): OpenParagraph | undefined {
    return this.#leaf.kind === 'paragraph' ? this.#leaf.paragraph : undefined;
  }

  /** Continues open code or HTML, which only its own end closes. Returns whether the line is consumed. */
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

  /** Closes everything beyond the first `depth` containers, and opens a container in them. */
  openContainer(container: Container, depth: number): void {
    this.closeTo(depth);
    this.#markFilled();
    this.#containers.push(container);
  }

  /** Closes everything beyond the first `depth` containers, and opens a leaf in them. */
  openLeaf(leaf: OpenLeaf, depth: number): void {
    this.closeTo(depth);
    this.#markFilled();
    this.#leaf = leaf;
  }

  /** Opens a paragraph. @param rest its first line from `start`, the first non-blank character */
  openParagraph(rest: string, start: number): OpenParagraph {
    const paragraph = {
      ...this.#ancestors,
      lines: [],
      start,
      end: start,
      concealed: this.#isConcealed,
      ambiguous: mayBeginWithDefinition(rest),
      table: false,
      uncertain: false,
    };
    this.openLeaf({ kind: 'paragraph', paragraph }, this.depth);
    return paragraph;
  }

  addHeading(start: number, end: number): void {
    const lines = [{ start, end, margin: false, uncertain: false }];
    const concealed = this.#isConcealed;
    this.#paragraphs.push({
      ...this.#ancestors,
      lines,
      start,
      end,
      concealed,
      ambiguous: false,
      table: false,
    });
  }

  /** @param disputed whether some parsers do not begin a block here */
  addHtml(start: number, end: number, disputed: boolean): void {
    this.#html.push({ ...this.#ancestors, lines: [{ start, end }], disputed });
  }

  /** Closes everything beyond the first `depth` containers. */
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

  /** Removes the link definitions with which a paragraph begins, and records their labels. */
  removeDefinitions(paragraph: OpenParagraph): void {
    for (const label of removeDefinitions(this.#text, paragraph)) this.#links.add(label);
  }

  /** Closes everything and returns the result. */
  closeAll(): ParsedBlocks {
    this.closeTo(0);
    const references = { links: this.#links, footnotes: this.footnotes };
    return { paragraphs: this.#paragraphs, html: this.#html, references };
  }

  /** Whether the content of the innermost container is not the author's own text, or is displayed elsewhere. */
  get #isConcealed(): boolean {
    return this.#containers.some(isConcealing);
  }

  get #ancestors(): { containers: readonly Container[] } {
    return { containers: [...this.#containers] };
  }

  /** Records that the innermost container is not empty. */
  #markFilled(): void {
    const container = this.#containers.at(-1);
    if (container) container.empty = false;
  }
}
