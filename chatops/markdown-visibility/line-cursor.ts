/** Columns of blanks that make a line indented code, where that is possible. */
const codeIndent = 4;
const tabStop = 4;

/** Walks through one line by characters and by columns: a tab reaches to the next multiple of four. */
export class LineCursor {
  readonly text: string;
  /** The line's end, without its line feed. */
  readonly end: number;
  /** The first character that is not consumed; a tab may be consumed in part. */
  at: number;
  /** The first character at or after `at` that is no blank; `end` if there is none. */
  next = 0;
  #column = 0;
  #nextColumn = 0;

  constructor(text: string, start: number, end: number) {
    this.text = text;
    this.at = start;
    this.end = end;
    this.#look();
  }

  /** Columns of blanks before `next`. */
  get indent(): number {
    return this.#nextColumn - this.#column;
  }

  get isIndented(): boolean {
    return this.indent >= codeIndent;
  }

  /** Nothing but blanks is left. */
  get isBlank(): boolean {
    return this.next === this.end;
  }

  /** The character at `next`, or the empty string. */
  get char(): string {
    return this.isBlank ? '' : this.text.charAt(this.next);
  }

  /** What is left of the line, from `next` on. */
  get rest(): string {
    return this.text.slice(this.next, this.end);
  }

  /** Consumes the blanks and, after them, so many characters. */
  skip(characters: number): void {
    this.at = this.next + characters;
    this.#column = this.#nextColumn + characters;
    this.#look();
  }

  /** Consumes blanks of so many columns at most. */
  skipColumns(columns: number): void {
    let left = Math.min(columns, this.indent);
    while (left > 0) {
      const width = this.text[this.at] === '\t' ? tabStop - (this.#column % tabStop) : 1;
      if (width <= left) this.at++;
      this.#column += Math.min(width, left);
      left -= Math.min(width, left);
    }
  }

  #look(): void {
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
