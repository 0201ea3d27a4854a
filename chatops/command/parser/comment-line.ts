import type { Position } from '../command.ts';
import { isBlank } from '../forbidden-characters.ts';

import { visibility, type VisibilityMap } from '../../markdown-visibility/visibility.ts';

/** One line of a comment that may be a command, by code points: index `n` is column `n + 1`. */
export class CommentLine {
  readonly #chars: string[] = [];
  /** The visibility of each character. */
  readonly #marks: number[] = [];
  /** Whether the line begins with uncertain text. Then its uncertain characters count as visible. */
  readonly #isUncertain: boolean;
  readonly #number: number;

  /** @param start the offset of the line in the comment, `end` that of its end; `number` counts from 1 */
  constructor({ text, marks }: VisibilityMap, start: number, end: number, number: number) {
    this.#number = number;
    this.#isUncertain = marks[end - text.slice(start, end).trimStart().length] === visibility.uncertain;
    let at = start;
    for (const char of text.slice(start, end)) {
      this.#chars.push(char);
      this.#marks.push(marks[at] ?? visibility.visible);
      at += char.length;
    }
    while (this.isBlankAt(this.#chars.length - 1)) this.#chars.pop();
  }

  /** The number of characters, without blanks at the end. */
  get length(): number {
    return this.#chars.length;
  }

  /** Returns the character at an offset, or the empty string. */
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

  /** Returns whether a visible blank is at an offset. */
  isBlankAt(at: number): boolean {
    return isBlank(this.charAt(at)) && !this.isHiddenAt(at);
  }

  /** Returns whether the character is hidden, shown as another character, or not shown as text. */
  isHiddenAt(at: number): boolean {
    const mark = this.#marks[at];
    if (at >= this.#chars.length) return false;
    return (
      mark === visibility.hidden ||
      mark === visibility.comment ||
      (mark === visibility.uncertain && !this.#isUncertain)
    );
  }

  /** Returns the offset of the next argument from `at` on; skips blanks, and HTML comments between blanks. */
  skipBlanks(at: number): number {
    let next = at;
    while (this.isBlankAt(next)) {
      while (this.isBlankAt(next)) next++;
      const commentEnd = this.skipComment(next);
      if (this.isEnd(commentEnd) || this.isBlankAt(commentEnd)) next = commentEnd;
    }
    return next;
  }

  /** Returns the first offset from `at` on that is not in an HTML comment. */
  skipComment(at: number): number {
    let end = at;
    while (end < this.#chars.length && this.#marks[end] === visibility.comment) end++;
    return end;
  }

  /** Returns the first offset from `at` on that is not hidden. */
  skipHidden(at: number): number {
    let next = at;
    while (this.isHiddenAt(next)) next++;
    return next;
  }

  /** Returns the offset of the first blank from `at` on, or the end of the line. */
  skipText(at: number): number {
    let next = at;
    while (!this.isEnd(next) && !this.isBlankAt(next)) next++;
    return next;
  }
}
