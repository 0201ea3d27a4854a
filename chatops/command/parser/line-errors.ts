import { describeCharacter, isForbidden } from '../forbidden-characters.ts';
import type { ParseError, Position } from '../command.ts';
import type { CommentLine } from './comment-line.ts';
import { createParseError } from '../parse-error.ts';

type Told = Parameters<typeof createParseError>[3];

/** The mistakes in how one line is written. Places are characters of the line, from 0. */
export class LineErrors {
  readonly errors: ParseError[] = [];
  readonly #line: CommentLine;
  readonly #refused = new Set<string>();

  constructor(line: CommentLine) {
    this.#line = line;
  }

  add(code: string, at: number, message: string, told: Told): void {
    this.errors.push(createParseError(code, this.#line.toPosition(at), message, told));
  }

  addDuplicate(name: string, position: Position): void {
    const told = { expected: 'one value', received: 'a second one' };
    this.errors.push(
      createParseError('duplicate-parameter', position, `The parameter "${name}" is given twice`, told),
    );
  }

  /** What no argument may hold: text that Markdown hides, and characters that nobody sees. True if there is none. */
  checkRange(start: number, end: number): boolean {
    let hidden = start;
    while (hidden < end && !this.#line.isHiddenAt(hidden)) hidden++;
    if (hidden < end) this.#hides(hidden);
    return this.checkCharacters(start, end) && hidden === end;
  }

  /** The part of it that is about characters nobody sees. */
  checkCharacters(start: number, end: number): boolean {
    let sound = true;
    for (let at = start; at < end; at++) {
      if (this.#line.isHiddenAt(at) || !isForbidden(this.#line.charAt(at), this.#line.charAt(at - 1)))
        continue;
      this.#refuse(this.#line.charAt(at), at);
      sound = false;
    }
    return sound;
  }

  #hides(at: number): void {
    const told = {
      expected: String.raw`visible text; within double quotes \< and \[ stand for < and [`,
      received: 'HTML, the target of a link, or another part that GitHub shows differently',
    };
    this.add('hidden-text', at, 'A part of this is not shown to its reader', told);
  }

  /** Each code point is told once. */
  #refuse(char: string, at: number): void {
    if (this.#refused.has(char)) return;
    this.#refused.add(char);
    const { codePoint, kind } = describeCharacter(char);
    this.add('refused-character', at, `${codePoint} is ${kind}`, {
      expected: 'visible characters',
      received: codePoint,
    });
  }
}
