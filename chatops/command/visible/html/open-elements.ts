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

/** The blocks of Markdown around a piece of HTML, outermost first; each is a block of its own by identity. */
export type Path = readonly object[];

/** Where a piece of HTML stands. */
export type Spot = {
  /** The blocks around it, outermost first: those of Markdown, and of a table its row. */
  path: Path;
  /** The blocks whose end it does not outlast. */
  blocks: Path;
  /** It is within a paragraph of Markdown, which it may end. */
  isInParagraph: boolean;
  /** An end tag may be in another cell of a table, or in a footnote, than the start tag. */
  isApart: boolean;
};

/** `stays`: the end of a block of Markdown may not end it. */
type Element = { name: string; path: Path; blocks: Path; stays: boolean };

/** Elements in one another that are followed. */
const maxOpen = 64;

/**
 * The elements that a comment’s own HTML has opened. A browser has none of them open that is not among these: an end tag
 * counts only where every browser lets it end the element.
 */
export class OpenElements {
  readonly #elements: Element[] = [];
  #lost = false;
  /** HTML may have ended a block of Markdown before its own end: what begins after that is not in it. */
  #hasEndedBlocks = false;

  /** Nobody can say any more what is open. */
  get lost(): boolean {
    return this.#lost;
  }

  get any(): boolean {
    return this.#lost || this.#elements.length > 0;
  }

  get inForeign(): boolean {
    return this.#elements.some(({ name }) => isForeign(name));
  }

  lose(): void {
    this.#lost = true;
  }

  /** The tags that Markdown makes are not read as such: no block of it has ended for sure, nor does any. */
  outlastBlocks(): void {
    this.#hasEndedBlocks = true;
    for (const element of this.#elements) element.stays = true;
  }

  /** Another piece begins: what ends with the blocks of Markdown that it is not in. */
  enter({ blocks, isInParagraph }: Spot): void {
    for (const element of this.#elements.slice()) {
      const isOver = !isWithin(element.blocks, blocks);
      // A paragraph of Markdown ends one of HTML.
      if (element.name === 'p' ? isOver || isInParagraph : isOver && isPhrase(element.name) && !element.stays)
        this.#remove(element);
      else if (isOver && isBarrier(element.name)) this.#lost = true;
    }
  }

  start(name: string, { path, blocks, isInParagraph }: Spot): void {
    if (isInParagraph && mayEndBlock(name)) this.#hasEndedBlocks = true;
    if (isVoid(name)) return;
    this.#elements.push({ name, path, blocks, stays: this.#hasEndedBlocks });
    if (this.#elements.length > maxOpen) this.#lost = true;
  }

  /** An end tag. One that ends no element is ignored; of one that may be ignored nobody can say. */
  end(name: string, { path, isApart }: Spot): void {
    const at = this.#elements.findLastIndex((element) => element.name === name);
    const element = this.#elements[at];
    if (!element) {
      if (mayEndBlock(name)) this.#hasEndedBlocks = true;
      return;
    }
    const within = this.#elements.slice(at + 1);
    const isReached = isSame(element.path, path) || (!isApart && this.#reaches(at, path));
    if (!isReached || !within.every((inner) => isEndedBy(inner.name, name))) {
      this.#lost = true;
      return;
    }
    // From within another block it ends that one, too.
    if (mayEndBlock(name) && !isSame(element.path, path)) this.#hasEndedBlocks = true;
    this.#remove(element);
    const isSurelyOpen = isWithin(element.path, path);
    for (const inner of within) if (goesWith(inner.name, name, within, isSurelyOpen)) this.#remove(inner);
  }

  /** Whether an end tag that stands in `path` ends the element at a place. */
  #reaches(at: number, path: Path): boolean {
    const { name, path: opened, stays } = this.#elements[at] ?? { name: '', path: [], stays: false };
    if (isBlock(name)) return true;
    if (isWithin(opened, path) || stays) return false;
    // Formatting that goes on in other paragraphs ends in one of them, unless an element around it holds it.
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

const isWithin = (outer: Path, path: Path): boolean => outer.every((block, n) => path[n] === block);
const isSame = (one: Path, other: Path): boolean => one.length === other.length && isWithin(one, other);

const isEndedBy = (inner: string, name: string): boolean =>
  isPhrase(inner) || isFormatting(inner) || endsWithParent(inner, name);

/** Whether what was left open within an element ends with it, in every browser, whatever ended before. */
const goesWith = (
  inner: string,
  name: string,
  within: readonly Element[],
  isSurelyOpen: boolean,
): boolean => {
  if (isPhrase(inner))
    return isSurelyOpen && isFirmBlock(name) && within.every((each) => isPhrase(each.name));
  return !isFormatting(inner) && !isFormatting(name) && !isPhrase(name);
};
