import type { Position } from '../command.ts';
import { isBlank } from '../forbidden-characters.ts';
import type { VisibilityMap } from '../../markdown-visibility/analyze-visibility.ts';
import { visibility } from '../../markdown-visibility/visibility.ts';

/** One line of a comment that may be a command, by code points: index `n` is column `n + 1`. */
export class CommentLine {
  readonly #chars: string[] = [];
  /** How a reader sees each character. */
  readonly #sights: number[] = [];
  /** How a reader sees a character of the line; if the line starts covered, all of it is covered. */
  readonly #covered: boolean;
  readonly #number: number;

  /** @param start where the line begins in the comment, `end` where it ends; `number` from 1 */
  constructor({ text, marks }: VisibilityMap, start: number, end: number, number: number) {
    this.#number = number;
    this.#covered = marks[end - text.slice(start, end).trimStart().length] === visibility.uncertain;
    let at = start;
    for (const char of text.slice(start, end)) {
      this.#chars.push(char);
      this.#sights.push(marks[at] ?? visibility.visible);
      at += char.length;
    }
    while (this.isBlankAt(this.#chars.length - 1)) this.#chars.pop();
  }

  /** Characters, without blanks at the end. */
  get length(): number {
    return this.#chars.length;
  }

  /** The character at `at`, or the empty string. */
  charAt(at: number): string {
    return this.#chars[at] ?? '';
  }

  slice(from: number, to: number): string {
    return this.#chars.slice(from, to).join('');
  }

  toPosition(at: number): Position {
    return { line: this.#number, column: at + 1 };
  }

  isEnd(at: number): boolean {
    return at >= this.#chars.length;
  }

  /** A blank that is shown as one. */
  isBlankAt(at: number): boolean {
    return isBlank(this.charAt(at)) && !this.isHiddenAt(at);
  }

  /** Returns whether the character is hidden, shown as another character, or not shown as text. */
  isHiddenAt(at: number): boolean {
    const sight = this.#sights[at];
    if (at >= this.#chars.length) return false;
    return (
      sight === visibility.hidden ||
      sight === visibility.comment ||
      (sight === visibility.uncertain && !this.#covered)
    );
  }

  /** Returns the offset of the next argument from `at` on; skips blanks, and HTML comments between blanks. */
  skipBlanks(at: number): number {
    let next = at;
    while (this.isBlankAt(next)) {
      while (this.isBlankAt(next)) next++;
      const noteEnd = this.#noteEnd(next);
      if (this.isEnd(noteEnd) || this.isBlankAt(noteEnd)) next = noteEnd;
    }
    return next;
  }

  #noteEnd(at: number): number {
    let end = at;
    while (end < this.#chars.length && this.#sights[end] === visibility.comment) end++;
    return end;
  }

  /** Returns the first offset from `at` on that is not hidden. */
  skipHidden(at: number): number {
    let next = at;
    while (this.isHiddenAt(next)) next++;
    return next;
  }

  /** The first place from `at` on that is a blank or the end. */
  skipText(at: number): number {
    let next = at;
    while (!this.isEnd(next) && !this.isBlankAt(next)) next++;
    return next;
  }
}
