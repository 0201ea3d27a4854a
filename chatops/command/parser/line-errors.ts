import { describeCharacter, isForbidden } from '../forbidden-characters.ts';
import type { ParseError, Position } from '../command.ts';
import type { CommentLine } from './comment-line.ts';
import { createParseError, type ErrorDetails } from '../parse-error.ts';

/** Collects the errors in the syntax of one line. Offsets count characters of the line, from 0. */
export class LineErrors {
  readonly errors: ParseError[] = [];
  readonly #line: CommentLine;
  readonly #reported = new Set<string>();

  constructor(line: CommentLine) {
    this.#line = line;
  }

  add(code: string, at: number, message: string, details: ErrorDetails): void {
    this.errors.push(createParseError(code, this.#line.toPosition(at), message, details));
  }

  addDuplicate(name: string, position: Position): void {
    const details = { expected: 'one value', received: 'a second one' };
    this.errors.push(
      createParseError(
        'duplicate-parameter',
        position,
        `The parameter "${name}" is specified twice`,
        details,
      ),
    );
  }

  /** Returns whether a range contains no text that Markdown hides and no forbidden characters; adds errors for them. */
  checkRange(start: number, end: number): boolean {
    let hidden = start;
    while (hidden < end && !this.#line.isHiddenAt(hidden)) hidden++;
    if (hidden < end) this.#addHidden(hidden);
    return this.checkCharacters(start, end) && hidden === end;
  }

  /** Returns whether a range contains no forbidden characters; adds errors for them. */
  checkCharacters(start: number, end: number): boolean {
    let isValid = true;
    for (let at = start; at < end; at++) {
      const isAllowed = this.#line.isHiddenAt(at) || this.#line.isEmojiAt(at);
      if (isAllowed || !isForbidden(this.#line.charAt(at), this.#line.charAt(at - 1))) continue;
      this.#addForbidden(this.#line.charAt(at), at);
      isValid = false;
    }
    return isValid;
  }

  #addHidden(at: number): void {
    const details = {
      expected: String.raw`visible text; within double quotes \< and \[ stand for < and [`,
      received: 'HTML, the target of a link, or another part that GitHub shows differently',
    };
    this.add('hidden-text', at, 'Readers cannot see a part of this', details);
  }

  /** Adds an error for a forbidden character, once per code point. */
  #addForbidden(char: string, at: number): void {
    if (this.#reported.has(char)) return;
    this.#reported.add(char);
    const { codePoint, kind } = describeCharacter(char);
    this.add('refused-character', at, `${codePoint} is ${kind}`, {
      expected: 'visible characters',
      received: codePoint,
    });
  }
}
