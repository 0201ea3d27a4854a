import type { TextRange } from '../paragraph.ts';
import { stopsParsing, holdsText } from './element-kinds.ts';
import { isConcealing, type Container } from '../container-blocks.ts';
import { OpenElements, type HtmlPosition } from './open-elements.ts';
import { HtmlTokenizer, type HtmlToken } from './html-tokenizer.ts';

/** A Markdown block with raw HTML: its position, and which parts are raw HTML. */
export type HtmlPiece = {
  start: number;
  spot: HtmlPosition;
  containers: readonly Container[];
  /** The parts that are raw HTML, in order. */
  raw: readonly { start: number; html: string }[];
  /** The offset from which Markdown parsers disagree about what is HTML; undefined if they agree everywhere. */
  doubtful?: number | undefined;
};

/**
 * Returns the ranges that the HTML of a comment may hide, strike out or otherwise change: everything where an element, tag,
 * comment or quote of the comment’s HTML is open. Runs in linear time.
 */
export const findHtmlRanges = (text: string, pieces: readonly HtmlPiece[]): TextRange[] =>
  new HtmlCover(text).read(pieces);

/** Returns whether the HTML that Markdown generates from a text contains no double quote, which would end an attribute value. */
const holdsNoQuote = (markdown: string): boolean => !/[[\]:@<`~|]|www\.|^[ >*+-]*\d+[.)]/im.test(markdown);
const holdsNoApostrophe = (markdown: string): boolean => !/['&]/.test(markdown);

class HtmlCover {
  readonly #text: string;
  readonly #tokenizer = new HtmlTokenizer();
  readonly #elements = new OpenElements();
  /** The element whose content is text. */
  #textElement: string | undefined;
  readonly #covered: TextRange[] = [];
  /** The offset since which something is open. */
  #since: number | undefined;
  /** The blocks around the last piece. */
  #containers: readonly Container[] = [];
  /** The end of the last raw HTML. */
  #read = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(pieces: readonly HtmlPiece[]): TextRange[] {
    for (const piece of pieces) {
      if (this.#elements.isUncertain) break;
      this.#enter(piece);
      for (const { start, html } of piece.raw) this.#raw(start, html, piece);
      if (piece.doubtful !== undefined) this.#lose(piece.doubtful);
    }
    this.#note(this.#text.length);
    return this.#since === undefined
      ? this.#covered
      : [...this.#covered, { start: this.#since, end: this.#text.length }];
  }

  #enter({ start, spot, containers, raw }: HtmlPiece): void {
    if (this.#tokenizer.open !== 'data' || this.#textElement !== undefined) {
      // The tag that ends a block was not parsed as a tag, so a quote continues. A footnote is shown elsewhere.
      const isQuoteLost = this.#containers.some((each, n) => each !== containers[n] && isConcealing(each));
      const isNote = containers.some(({ kind }) => kind === 'footnote');
      if (isQuoteLost || (isNote && raw.length > 0)) this.#lose(start);
      this.#elements.keepPastBlocks();
    }
    this.#elements.enter(spot);
    this.#note(start);
    this.#containers = containers;
  }

  #raw(start: number, html: string, piece: HtmlPiece): void {
    if (this.#elements.isUncertain) return;
    this.#pass(start);
    for (const token of this.#tokenizer.read(html)) {
      this.#since ??= start + token.at;
      this.#token(token, start, piece);
      if (this.#elements.isUncertain) return;
      this.#note(start + token.end);
    }
    this.#read = start + html.length;
    this.#note(this.#read);
  }

  /** Skips from the last HTML to the next. The HTML that Markdown generates from the text between may close what is open. */
  #pass(start: number): void {
    const between = this.#text.slice(this.#read, start);
    const { open } = this.#tokenizer;
    const goesOn =
      open === 'data' ||
      open === 'comment' ||
      (open === 'double-quoted' && holdsNoQuote(between)) ||
      (open === 'single-quoted' && holdsNoApostrophe(between));
    if (!goesOn) this.#lose(this.#read);
  }

  #token(token: HtmlToken, start: number, { spot }: HtmlPiece): void {
    if (this.#isUnclear(token)) this.#lose(start + token.at);
    if (token.kind === 'comment') return;
    const { kind, name } = token;
    if (kind === 'start') this.#elements.open(name, spot);
    else this.#elements.close(name, spot);
    this.#textElement = kind === 'start' && holdsText(name) ? name : undefined;
  }

  /** Returns whether HTML parsers disagree about a token, or about what follows. */
  #isUnclear(token: HtmlToken): boolean {
    if (token.kind === 'comment') return this.#textElement !== undefined || this.#elements.isInForeign;
    const { kind, name, nested } = token;
    if (this.#textElement !== undefined) return kind === 'start' || name !== this.#textElement;
    return (nested && holdsText(name)) || (kind === 'start' && stopsParsing(name));
  }

  get #isOpen(): boolean {
    return this.#elements.mayBeOpen || this.#tokenizer.open !== 'data';
  }

  #lose(at: number): void {
    this.#elements.markUncertain();
    this.#since ??= at;
  }

  /** Records whether anything is open at an offset. */
  #note(at: number): void {
    if (this.#isOpen) this.#since ??= at;
    else if (this.#since !== undefined) {
      this.#covered.push({ start: this.#since, end: at });
      this.#since = undefined;
    }
  }
}
