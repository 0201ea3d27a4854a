import type { Position } from '../command.ts';
import { findEmojiOffsets, isBlank } from '../forbidden-characters.ts';

import { visibility, type VisibilityMap } from '../../markdown-visibility/visibility.ts';

/** One line of a comment that may be a command, by code points: index `n` is column `n + 1`. */
export class CommentLine {
  readonly #chars: string[] = [];
  /** The visibility of each character. */
  readonly #marks: number[] = [];
  /** Whether the line begins with uncertain text. Then its uncertain characters count as visible. */
  readonly #isUncertain: boolean;
  readonly #number: number;
  /** Whether each character belongs to an emoji with characters that are forbidden elsewhere. */
  readonly #isEmoji: boolean[] = [];

  /** @param range the offsets in the comment of the line’s start and end, and of its command; `number` counts from 1 */
  constructor(
    { text, marks }: VisibilityMap,
    { start, command, end }: { start: number; command: number; end: number },
    number: number,
  ) {
    this.#number = number;
    this.#isUncertain = marks[command] === visibility.uncertain;
    const line = text.slice(start, end);
    const emojiOffsets = findEmojiOffsets(line);
    let at = 0;
    for (const char of line) {
      // A byte order mark before the command is a blank: mail programs and editors insert it.
      this.#chars.push(char === '\uFEFF' && start + at < command ? ' ' : char);
      this.#marks.push(marks[start + at] ?? visibility.visible);
      this.#isEmoji.push(emojiOffsets.has(at));
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

  /** Returns whether the character belongs to an emoji with characters that are forbidden elsewhere. */
  isEmojiAt(at: number): boolean {
    return this.#isEmoji[at] === true;
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
