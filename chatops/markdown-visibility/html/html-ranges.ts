import type { TextRange } from '../paragraph.ts';
import { stopsParsing, hasTextContent } from './element-kinds.ts';
import { isConcealing, type Container } from '../container-blocks.ts';
import { OpenElements, type HtmlPosition } from './open-elements.ts';
import { HtmlTokenizer, type HtmlToken } from './html-tokenizer.ts';

/** A Markdown block with raw HTML: its position, and which parts are raw HTML. */
export type HtmlPiece = {
  start: number;
  position: HtmlPosition;
  containers: readonly Container[];
  /** The parts that are raw HTML, in order. */
  raw: readonly { start: number; html: string }[];
  /** The offset from which Markdown parsers disagree about what is HTML; undefined if they agree everywhere. */
  uncertainFrom?: number | undefined;
};

/**
 * Returns the ranges that the HTML of a comment may hide, strike out or otherwise change: everything where an element, tag,
 * comment or quote of the comment’s HTML is open. Runs in linear time.
 */
export const findHtmlRanges = (text: string, pieces: readonly HtmlPiece[]): TextRange[] =>
  new HtmlRangeFinder(text).find(pieces);

/** Returns whether the HTML that Markdown generates from a text contains no double quote, which would end an attribute value. */
const hasNoQuote = (markdown: string): boolean => !/[[\]:@<`~|]|www\.|^[ >*+-]*\d+[.)]/im.test(markdown);
const hasNoApostrophe = (markdown: string): boolean => !/['&]/.test(markdown);

class HtmlRangeFinder {
  readonly #text: string;
  readonly #tokenizer = new HtmlTokenizer();
  readonly #elements = new OpenElements();
  /** The element whose content is text. */
  #textElement: string | undefined;
  readonly #ranges: TextRange[] = [];
  /** The offset since which something is open. */
  #openSince: number | undefined;
  /** The blocks around the last piece. */
  #containers: readonly Container[] = [];
  /** The end of the last raw HTML. */
  #readTo = 0;

  constructor(text: string) {
    this.#text = text;
  }

  find(pieces: readonly HtmlPiece[]): TextRange[] {
    for (const piece of pieces) {
      if (this.#elements.isUncertain) break;
      this.#enter(piece);
      for (const { start, html } of piece.raw) this.#readRaw(start, html, piece);
      if (piece.uncertainFrom !== undefined) this.#markUncertain(piece.uncertainFrom);
    }
    this.#recordState(this.#text.length);
    return this.#openSince === undefined
      ? this.#ranges
      : [...this.#ranges, { start: this.#openSince, end: this.#text.length }];
  }

  #enter({ start, position, containers, raw }: HtmlPiece): void {
    if (this.#tokenizer.open !== 'data' || this.#textElement !== undefined) {
      // The tag that ends a block was not parsed as a tag, so a quote continues. A footnote is displayed elsewhere.
      const isQuoteUnclosed = this.#containers.some(
        (each, n) => each !== containers[n] && isConcealing(each),
      );
      const isFootnote = containers.some(({ kind }) => kind === 'footnote');
      if (isQuoteUnclosed || (isFootnote && raw.length > 0)) this.#markUncertain(start);
      this.#elements.keepPastBlocks();
    }
    this.#elements.enter(position);
    this.#recordState(start);
    this.#containers = containers;
  }

  #readRaw(start: number, html: string, piece: HtmlPiece): void {
    if (this.#elements.isUncertain) return;
    this.#skipTo(start);
    for (const token of this.#tokenizer.read(html)) {
      this.#openSince ??= start + token.at;
      this.#readToken(token, start, piece);
      if (this.#elements.isUncertain) return;
      this.#recordState(start + token.end);
    }
    this.#readTo = start + html.length;
    this.#recordState(this.#readTo);
  }

  /** Skips from the last HTML to the next. The HTML that Markdown generates from the text between may close what is open. */
  #skipTo(start: number): void {
    const between = this.#text.slice(this.#readTo, start);
    const { open } = this.#tokenizer;
    const mayContinue =
      open === 'data' ||
      open === 'comment' ||
      (open === 'double-quoted' && hasNoQuote(between)) ||
      (open === 'single-quoted' && hasNoApostrophe(between));
    if (!mayContinue) this.#markUncertain(this.#readTo);
  }

  #readToken(token: HtmlToken, start: number, { position }: HtmlPiece): void {
    if (this.#isUnclear(token)) this.#markUncertain(start + token.at);
    if (token.kind === 'comment') return;
    const { kind, name } = token;
    if (kind === 'start') this.#elements.open(name, position);
    else this.#elements.close(name, position);
    this.#textElement = kind === 'start' && hasTextContent(name) ? name : undefined;
  }

  /** Returns whether HTML parsers disagree about a token, or about what follows. */
  #isUnclear(token: HtmlToken): boolean {
    if (token.kind === 'comment') return this.#textElement !== undefined || this.#elements.isInForeign;
    const { kind, name, nested } = token;
    if (this.#textElement !== undefined) return kind === 'start' || name !== this.#textElement;
    return (nested && hasTextContent(name)) || (kind === 'start' && stopsParsing(name));
  }

  get #isOpen(): boolean {
    return this.#elements.mayBeOpen || this.#tokenizer.open !== 'data';
  }

  #markUncertain(at: number): void {
    this.#elements.markUncertain();
    this.#openSince ??= at;
  }

  /** Records whether anything is open at an offset. */
  #recordState(at: number): void {
    if (this.#isOpen) this.#openSince ??= at;
    else if (this.#openSince !== undefined) {
      this.#ranges.push({ start: this.#openSince, end: at });
      this.#openSince = undefined;
    }
  }
}
