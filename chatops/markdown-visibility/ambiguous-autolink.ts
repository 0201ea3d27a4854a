const bareAddress = /[^\s<]*/y;

/**
 * Addresses without brackets. Parsers disagree on how much of what follows belongs to them: where that matters, the
 * paragraph's further lines are in doubt, and the rest of the line too if it may hide something. To be asked from left to
 * right.
 */
export class AmbiguousAutolinks {
  readonly #text: string;
  /** The last backtick, and the last `](` or `][`; -1 without any. */
  readonly #lastTick: number;
  readonly #lastTail: number;
  /** Where the last address ends. */
  #end = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lastTick = text.lastIndexOf('`');
    this.#lastTail = Math.max(text.lastIndexOf(']('), text.lastIndexOf(']['));
  }

  /** From where on nobody can say, because of the address at `at`; `inBrackets`: a bracket before it is open. */
  findAmbiguousFrom(at: number, inBrackets: boolean): number | undefined {
    if (at < this.#end) return undefined;
    bareAddress.lastIndex = at;
    const address = bareAddress.exec(this.#text)?.[0] ?? '';
    this.#end = at + address.length;
    // To some the backslash belongs to the address, and escapes nothing.
    if ((address.endsWith('\\') && this.#text[this.#end] === '<') || address.includes('\\&')) return at;
    if (!this.#matters(address, at)) return undefined;
    const newline = this.#text.indexOf('\n', at);
    const lineEnd = newline < 0 ? this.#text.length : newline;
    // A backtick of the line may begin code that goes on in the next one.
    if (address.includes('`') && this.#lastTick > lineEnd) return at;
    return mayHide(this.#text.slice(at, lineEnd), inBrackets) ? at : lineEnd;
  }

  /** Whether it makes a difference later how much of an address belongs to a link. */
  #matters(address: string, at: number): boolean {
    const code = address.includes('`') && this.#lastTick >= this.#end;
    return code || (address.includes('[') && this.#lastTail > at);
  }
}

/** Whether there may be HTML or a link's target in the rest of a line. */
const mayHide = (rest: string, inBrackets: boolean): boolean => {
  const bracket = inBrackets ? 0 : rest.search(/(?<!\\)\[/);
  return /(?<!\\)</.test(rest) || (bracket >= 0 && rest.lastIndexOf('](') > bracket);
};
