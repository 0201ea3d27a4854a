import {
  endsWithParent,
  isBarrier,
  isBlock,
  isFirmBlock,
  isForeign,
  isFormatting,
  isPhrase,
  isVoid,
} from './element-kinds.ts';

/** The Markdown blocks around a piece of HTML, outermost first; blocks are compared by identity. */
type BlockPath = readonly object[];

/** The position of a piece of HTML. */
export type HtmlPosition = {
  /** The Markdown blocks around it, outermost first; inside a table, also the row. */
  path: BlockPath;
  /** The blocks that end it when they end. */
  blocks: BlockPath;
  /** It is inside a Markdown paragraph, which it can end. */
  isInParagraph: boolean;
  /** Its end tag can be in another table cell or footnote than its start tag. */
  isApart: boolean;
};

/** `outlastsBlocks`: the end of a Markdown block may leave it open. */
type Element = { name: string; path: BlockPath; blocks: BlockPath; outlastsBlocks: boolean };

/** The maximum depth of nested elements. */
const maxDepth = 64;

/**
 * The elements that a comment’s own HTML has opened: a superset of what is open in any browser, because an end tag counts only
 * where every browser closes the element.
 */
export class OpenElements {
  readonly #elements: Element[] = [];
  #isUncertain = false;
  /** HTML may have ended a Markdown block early: whatever begins after that is outside the block. */
  #hasEndedBlocks = false;

  /** It is no longer certain what is open. */
  get isUncertain(): boolean {
    return this.#isUncertain;
  }

  get mayBeOpen(): boolean {
    return this.#isUncertain || this.#elements.length > 0;
  }

  get isInForeign(): boolean {
    return this.#elements.some(({ name }) => isForeign(name));
  }

  markUncertain(): void {
    this.#isUncertain = true;
  }

  /** Tags that Markdown generates may not be parsed as tags: no Markdown block certainly ended, or will end. */
  keepPastBlocks(): void {
    this.#hasEndedBlocks = true;
    for (const element of this.#elements) element.outlastsBlocks = true;
  }

  /** Begins another piece: closes the elements that end with the Markdown blocks around the last piece. */
  enter({ blocks, isInParagraph }: HtmlPosition): void {
    for (const element of this.#elements.slice()) {
      const isOver = !isWithin(element.blocks, blocks);
      // A Markdown paragraph ends an HTML paragraph.
      if (
        element.name === 'p'
          ? isOver || isInParagraph
          : isOver && isPhrase(element.name) && !element.outlastsBlocks
      )
        this.#remove(element);
      else if (isOver && isBarrier(element.name)) this.#isUncertain = true;
    }
  }

  open(name: string, { path, blocks, isInParagraph }: HtmlPosition): void {
    if (isInParagraph && mayEndBlock(name)) this.#hasEndedBlocks = true;
    if (isVoid(name)) return;
    this.#elements.push({ name, path, blocks, outlastsBlocks: this.#hasEndedBlocks });
    if (this.#elements.length > maxDepth) this.#isUncertain = true;
  }

  /** Handles an end tag. A tag that closes no element is ignored; if browsers may ignore it, the result is uncertain. */
  close(name: string, { path, isApart }: HtmlPosition): void {
    const at = this.#elements.findLastIndex((element) => element.name === name);
    const element = this.#elements[at];
    if (!element) {
      if (mayEndBlock(name)) this.#hasEndedBlocks = true;
      return;
    }
    const within = this.#elements.slice(at + 1);
    const isReached = isSame(element.path, path) || (!isApart && this.#isReached(at, path));
    if (!isReached || !within.every((inner) => isClosedBy(inner.name, name))) {
      this.#isUncertain = true;
      return;
    }
    // Inside another block, it ends that block, too.
    if (mayEndBlock(name) && !isSame(element.path, path)) this.#hasEndedBlocks = true;
    this.#remove(element);
    const isSurelyOpen = isWithin(element.path, path);
    for (const inner of within)
      if (endsWithElement(inner.name, name, within, isSurelyOpen)) this.#remove(inner);
  }

  /** Returns whether an end tag in `path` closes the element at an index. */
  #isReached(at: number, path: BlockPath): boolean {
    const {
      name,
      path: opened,
      outlastsBlocks,
    } = this.#elements[at] ?? { name: '', path: [], outlastsBlocks: false };
    if (isBlock(name)) return true;
    if (isWithin(opened, path) || outlastsBlocks) return false;
    // Formatting that continues in other paragraphs ends in one of them, unless an outer element contains it.
    const around = this.#elements.slice(0, at);
    return !isFormatting(name) || around.every((outer) => isPhrase(outer.name) || isFormatting(outer.name));
  }

  #remove(element: Element): void {
    const at = this.#elements.indexOf(element);
    if (at >= 0) this.#elements.splice(at, 1);
  }
}

const mayEndBlock = (name: string): boolean =>
  name === 'hr' || !(isVoid(name) || isPhrase(name) || isFormatting(name));

const isWithin = (outer: BlockPath, path: BlockPath): boolean => outer.every((block, n) => path[n] === block);
const isSame = (one: BlockPath, other: BlockPath): boolean =>
  one.length === other.length && isWithin(one, other);

const isClosedBy = (inner: string, name: string): boolean =>
  isPhrase(inner) || isFormatting(inner) || endsWithParent(inner, name);

/** Returns whether unclosed elements inside an element end with it in every browser. */
const endsWithElement = (
  inner: string,
  name: string,
  within: readonly Element[],
  isSurelyOpen: boolean,
): boolean => {
  if (isPhrase(inner))
    return isSurelyOpen && isFirmBlock(name) && within.every((element) => isPhrase(element.name));
  return !isFormatting(inner) && !isFormatting(name) && !isPhrase(name);
};
