import type { Mistake, Position } from '../command.ts';
import type { Line } from './line.ts';
import { LineMistakes } from './line-mistakes.ts';

/** One argument of a command; `name` is null for a positional one. */
export type Argument = {
  name: string | null;
  value: string;
  position: Position;
  /** Its value could not be read; a mistake says why. */
  unread: boolean;
};

const parameterName = /^[A-Za-z_][A-Za-z0-9_.-]{0,62}$/;
/** What is written with a backslash within double quotes; before anything else a backslash is itself. */
const escapes: readonly [written: string, char: string][] = [
  ['\\"', '"'],
  ['\\\\', '\\'],
  ['\\<', '<'],
  ['\\[', '['],
  [String.raw`\u003C`, '<'],
  [String.raw`\u005B`, '['],
];

/** Reads the arguments of one command: `positional key=value key="quoted \" value" 'single'`. */
export class ArgumentReader {
  readonly #line: Line;
  #at: number;
  readonly #mistakes: LineMistakes;

  constructor(line: Line, from: number) {
    this.#line = line;
    this.#at = from;
    this.#mistakes = new LineMistakes(line);
  }

  /** All arguments, and all mistakes in them. A parameter given twice counts as first given. */
  read(): { given: Argument[]; mistakes: Mistake[] } {
    const found = new Map<string, Argument>();
    this.#mistakes.checkCharacters(0, this.#at);
    for (this.#skipBlanks(); !this.#line.ended(this.#at); this.#skipBlanks()) {
      const argument = this.#argument();
      if (!argument) continue;
      const { name, position } = argument;
      if (name !== null && found.has(name)) this.#mistakes.twice(name, position);
      else found.set(name ?? ` ${found.size}`, argument);
    }
    return { given: [...found.values()], mistakes: this.#mistakes.found };
  }

  #skipBlanks(): void {
    this.#at = this.#line.skipBlanks(this.#at);
  }

  #argument(): Argument | undefined {
    const start = this.#at;
    const known = this.#mistakes.found.length;
    const name = this.#name(start);
    const value = this.#value(name);
    const sound = this.#mistakes.check(start, this.#at) && this.#mistakes.found.length === known;
    if (name !== null && !parameterName.test(name)) return this.#misnamed(name, start);
    return { name, value: sound ? value : '', position: this.#line.position(start), unread: !sound };
  }

  /** Consumes `name=`; null if the argument has none. */
  #name(start: number): string | null {
    if (isQuote(this.#line.char(start))) return null;
    let end = start;
    while (!this.#ends(end) && this.#line.char(end) !== '=') end++;
    if (this.#line.char(end) !== '=') return null;
    this.#at = end + 1;
    return this.#line.text(start, end);
  }

  #value(name: string | null): string {
    if (name !== null && this.#ends(this.#at)) {
      const told = { expected: 'a value right after the equals sign' };
      if (parameterName.test(name))
        this.#mistakes.add('missing-value', this.#at, `The value of "${name}" is missing`, told);
      return '';
    }
    const quote = this.#line.char(this.#at);
    return isQuote(quote) ? this.#quoted(quote) : this.#bare();
  }

  #bare(): string {
    const start = this.#at;
    this.#at = this.#line.skipText(start);
    const value = this.#line.text(start, this.#at);
    const inside = Array.from(value).indexOf('"');
    if (inside >= 0) {
      const told = { expected: 'quotes around the whole value', received: 'a quote inside it' };
      this.#mistakes.add(
        'quote-inside',
        start + inside,
        'A quote stands inside a value that does not begin with it',
        told,
      );
    }
    return value;
  }

  #quoted(quote: string): string {
    const start = this.#at++;
    const value: string[] = [];
    while (this.#line.char(this.#at) !== quote) {
      if (this.#line.ended(this.#at)) return this.#unclosed(quote, start);
      const escape = quote === '"' ? this.#escape(this.#at) : undefined;
      value.push(escape?.[1] ?? this.#line.char(this.#at));
      this.#at += escape?.[0].length ?? 1;
    }
    this.#at++;
    if (!this.#ends(this.#at) && !this.#line.hiddenAt(this.#at)) this.#stray();
    this.#at = this.#line.skipText(this.#at);
    return value.join('');
  }

  #escape(at: number): (typeof escapes)[number] | undefined {
    if (this.#line.char(at) !== '\\') return undefined;
    return escapes.find(([written]) => this.#line.text(at, at + written.length) === written);
  }

  #unclosed(quote: string, start: number): string {
    const told = { expected: `a closing ${quote}`, received: 'the end of the line' };
    this.#mistakes.add('unclosed-quote', start, 'A quote is not closed', told);
    return '';
  }

  #stray(): void {
    const told = { expected: 'a blank after the closing quote', received: 'more text' };
    this.#mistakes.add('stray-text', this.#at, 'Text stands right after a closing quote', told);
  }

  #misnamed(name: string, start: number): undefined {
    const message =
      name === ''
        ? 'A name is missing before an equals sign'
        : 'What stands before an equals sign is no name';
    const expected = 'name=value without blanks; a name is made of letters, digits, "_", "-" and "."';
    this.#mistakes.add('invalid-name', start, message, { expected, received: name === '' ? '=' : name });
  }

  #ends(at: number): boolean {
    return this.#line.ended(at) || this.#line.blankAt(at);
  }
}

const isQuote = (char: string): boolean => char === '"' || char === "'";
