import type { Position } from '../command.ts';
import { isBlank } from '../characters.ts';
import { sights, type Sight } from '../visible/index.ts';

/** One line of a comment that may be a command, by code points: index `n` is column `n + 1`. */
export class Line {
  readonly #chars: string[] = [];
  /** For each character, whether Markdown hides it. */
  readonly #hidden: boolean[] = [];
  readonly #number: number;

  /** @param start where the line begins in the comment, `end` where it ends; `number` from 1 */
  constructor({ text, marks }: Sight, start: number, end: number, number: number) {
    this.#number = number;
    let at = start;
    for (const char of text.slice(start, end)) {
      this.#chars.push(char);
      this.#hidden.push(marks[at] === sights.hidden);
      at += char.length;
    }
    while (this.blankAt(this.#chars.length - 1)) this.#chars.pop();
  }

  /** Characters, without blanks at the end. */
  get length(): number {
    return this.#chars.length;
  }

  /** The character at `at`, or the empty string. */
  char(at: number): string {
    return this.#chars[at] ?? '';
  }

  text(from: number, to: number): string {
    return this.#chars.slice(from, to).join('');
  }

  position(at: number): Position {
    return { line: this.#number, column: at + 1 };
  }

  ended(at: number): boolean {
    return at >= this.#chars.length;
  }

  /** A blank that is shown as one. */
  blankAt(at: number): boolean {
    return isBlank(this.char(at)) && this.#hidden[at] === false;
  }

  hiddenAt(at: number): boolean {
    return at < this.#chars.length && this.#hidden[at] === true;
  }

  /** The first place from `at` on where an argument stands: blanks, and hidden text between blanks, are passed over. */
  skipBlanks(at: number): number {
    let next = at;
    while (this.blankAt(next)) {
      while (this.blankAt(next)) next++;
      const hiddenEnd = this.#hiddenEnd(next);
      if (this.ended(hiddenEnd) || this.blankAt(hiddenEnd)) next = hiddenEnd;
    }
    return next;
  }

  #hiddenEnd(at: number): number {
    let end = at;
    while (this.hiddenAt(end)) end++;
    return end;
  }

  /** The first place from `at` on that is a blank or the end. */
  skipText(at: number): number {
    let next = at;
    while (!this.ended(next) && !this.blankAt(next)) next++;
    return next;
  }
}
