/** The number of columns that make a line indented code, where indented code is possible. */
const codeIndent = 4;
const tabStop = 4;

/** A cursor on one line that counts characters and columns. A tab extends to the next multiple of four columns. */
export class LineCursor {
  readonly text: string;
  /** The end of the line, before its line feed. */
  readonly end: number;
  /** The offset of the first character that is not consumed. A tab can be partly consumed. */
  at: number;
  /** The offset of the first non-blank character from `at` on; `end` if there is none. */
  next = 0;
  #column = 0;
  #nextColumn = 0;

  constructor(text: string, start: number, end: number) {
    this.text = text;
    this.at = start;
    this.end = end;
    this.#findNext();
  }

  /** The number of columns of blanks before `next`. */
  get indent(): number {
    return this.#nextColumn - this.#column;
  }

  get isIndented(): boolean {
    return this.indent >= codeIndent;
  }

  /** Whether the rest of the line is blank. */
  get isBlank(): boolean {
    return this.next === this.end;
  }

  /** The character at `next`, or the empty string. */
  get char(): string {
    return this.isBlank ? '' : this.text.charAt(this.next);
  }

  /** The rest of the line, from `next` on. */
  get rest(): string {
    return this.text.slice(this.next, this.end);
  }

  /** Consumes the blanks and a number of characters after them. */
  skip(characters: number): void {
    this.at = this.next + characters;
    this.#column = this.#nextColumn + characters;
    this.#findNext();
  }

  /** Consumes blanks of at most `columns` columns. */
  skipColumns(columns: number): void {
    let left = Math.min(columns, this.indent);
    while (left > 0) {
      const width = this.text[this.at] === '\t' ? tabStop - (this.#column % tabStop) : 1;
      if (width <= left) this.at++;
      this.#column += Math.min(width, left);
      left -= Math.min(width, left);
    }
  }

  #findNext(): void {
    let next = this.at;
    let column = this.#column;
    for (; next < this.end; next++) {
      const char = this.text[next];
      if (char === ' ') column++;
      else if (char === '\t') column += tabStop - (column % tabStop);
      else break;
    }
    this.next = next;
    this.#nextColumn = column;
  }
}
