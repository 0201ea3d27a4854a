const bareAddress = /[^\s<]*/y;

/**
 * Finds web addresses without angle brackets whose end is ambiguous, because parsers disagree on how much text belongs to them. Where
 * that matters, the further lines of the paragraph are uncertain, and also the rest of the line if it may hide something. Must be
 * called from left to right.
 */
export class AmbiguousAutolinks {
  readonly #text: string;
  /** The offsets of the last backtick and of the last `](` or `][`; -1 if there is none. */
  readonly #lastBacktick: number;
  readonly #lastLinkTail: number;
  /** The end of the last address. */
  #end = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lastBacktick = text.lastIndexOf('`');
    this.#lastLinkTail = Math.max(text.lastIndexOf(']('), text.lastIndexOf(']['));
  }

  /** Returns the offset from which the address at `at` makes the text uncertain, if it does; `inBrackets`: a bracket before it is open. */
  findAmbiguousFrom(at: number, inBrackets: boolean): number | undefined {
    if (at < this.#end) return undefined;
    bareAddress.lastIndex = at;
    const address = bareAddress.exec(this.#text)?.[0] ?? '';
    this.#end = at + address.length;
    // Some parsers treat the backslash as part of the address, so that it escapes nothing.
    if ((address.endsWith('\\') && this.#text[this.#end] === '<') || address.includes('\\&')) return at;
    if (!this.#isAmbiguous(address, at)) return undefined;
    const newline = this.#text.indexOf('\n', at);
    const lineEnd = newline < 0 ? this.#text.length : newline;
    // A backtick of this line may begin code that continues on the next line.
    if (address.includes('`') && this.#lastBacktick > lineEnd) return at;
    return mayHide(this.#text.slice(at, lineEnd), inBrackets) ? at : lineEnd;
  }

  /** Returns whether the end of an address affects the rest of the paragraph. */
  #isAmbiguous(address: string, at: number): boolean {
    const code = address.includes('`') && this.#lastBacktick >= this.#end;
    return code || (address.includes('[') && this.#lastLinkTail > at);
  }
}

/** Returns whether the rest of a line may contain HTML or the target of a link. */
const mayHide = (rest: string, inBrackets: boolean): boolean => {
  const bracket = inBrackets ? 0 : rest.search(/(?<!\\)\[/);
  return /(?<!\\)</.test(rest) || (bracket >= 0 && rest.lastIndexOf('](') > bracket);
};
