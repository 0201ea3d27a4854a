import type { Position } from '../command.ts';
import { isBlank } from '../forbidden-characters.ts';
import type { Sight } from '../../markdown-visibility/analyze-visibility.ts';
import { sights } from '../../markdown-visibility/visibility.ts';

/** One line of a comment that may be a command, by code points: index `n` is column `n + 1`. */
export class Line {
  readonly #chars: string[] = [];
  /** How a reader sees each character. */
  readonly #sights: number[] = [];
  /** How a reader sees a character of the line; if the line starts covered, all of it is covered. */
  readonly #covered: boolean;
  readonly #number: number;

  /** @param start where the line begins in the comment, `end` where it ends; `number` from 1 */
  constructor({ text, marks }: Sight, start: number, end: number, number: number) {
    this.#number = number;
    this.#covered = marks[end - text.slice(start, end).trimStart().length] === sights.covered;
    let at = start;
    for (const char of text.slice(start, end)) {
      this.#chars.push(char);
      this.#sights.push(marks[at] ?? sights.shown);
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
    return isBlank(this.char(at)) && !this.hiddenAt(at);
  }

  /** Returns whether the character is hidden, shown as another character, or not shown as text. */
  hiddenAt(at: number): boolean {
    const sight = this.#sights[at];
    if (at >= this.#chars.length) return false;
    return sight === sights.hidden || sight === sights.note || (sight === sights.covered && !this.#covered);
  }

  /** Returns the offset of the next argument from `at` on; skips blanks, and HTML comments between blanks. */
  skipBlanks(at: number): number {
    let next = at;
    while (this.blankAt(next)) {
      while (this.blankAt(next)) next++;
      const noteEnd = this.#noteEnd(next);
      if (this.ended(noteEnd) || this.blankAt(noteEnd)) next = noteEnd;
    }
    return next;
  }

  #noteEnd(at: number): number {
    let end = at;
    while (end < this.#chars.length && this.#sights[end] === sights.note) end++;
    return end;
  }

  /** Returns the first offset from `at` on that is not hidden. */
  skipHidden(at: number): number {
    let next = at;
    while (this.hiddenAt(next)) next++;
    return next;
  }

  /** The first place from `at` on that is a blank or the end. */
  skipText(at: number): number {
    let next = at;
    while (!this.ended(next) && !this.blankAt(next)) next++;
    return next;
  }
}
