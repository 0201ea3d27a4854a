import { toCanonicalText } from '../canonical.ts';
import type { ParseError, Position } from '../command.ts';
import type { CommentLine } from './comment-line.ts';
import { LineErrors } from './line-errors.ts';

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

/**
 * Receives each positional argument in turn, and returns whether the rest of the line after it is free text: `rest` for all of
 * it, `reason` for the part after `reason=`.
 */
export type TextRule = (positional: string) => 'rest' | 'reason' | undefined;

/** Free text; `written`: the ways to write it that are equivalent to separate arguments. */
type Text = { argument: Argument; written: readonly string[] };

const textName = 'reason';

/** Reads the arguments of one command: `positional key=value key="quoted \" value" 'single'`. */
export class ArgumentParser {
  readonly #line: CommentLine;
  #at: number;
  readonly #textRule: TextRule;
  #mistakes: LineErrors;

  constructor(line: CommentLine, from: number, textRule: TextRule) {
    this.#line = line;
    this.#at = from;
    this.#textRule = textRule;
    this.#mistakes = new LineErrors(line);
  }

  /** Returns all arguments and all mistakes in them. The first value of a repeated parameter counts. `text`: see `TextRule`. */
  parse(): { given: Argument[]; mistakes: ParseError[]; text?: Argument } {
    const found = new Map<string, Argument>();
    let rule: ReturnType<TextRule>;
    this.#mistakes.checkCharacters(0, this.#at);
    for (this.#skipBlanks(); !this.#line.isEnd(this.#at); this.#skipBlanks()) {
      const text = rule && this.#text(rule);
      if (text) return this.#withText(found, text);
      const argument = this.#next(found);
      if (argument?.name === null) rule = this.#textRule(argument.value);
    }
    return { given: [...found.values()], mistakes: this.#mistakes.errors };
  }

  #next(found: Map<string, Argument>): Argument | undefined {
    const argument = this.#argument();
    if (!argument) return undefined;
    const { name, position } = argument;
    if (name !== null && found.has(name)) this.#mistakes.addDuplicate(name, position);
    else found.set(name ?? ` ${found.size}`, argument);
    return argument;
  }

  /**
   * Returns free text as one argument, unless it equals the canonical form of the separate arguments that it contains. This keeps
   * the canonical text of each command as it was before free text existed.
   */
  #withText(
    before: Map<string, Argument>,
    { argument: text, written }: Text,
  ): ReturnType<ArgumentParser['parse']> {
    const own = this.#mistakes;
    this.#mistakes = new LineErrors(this.#line);
    const all = new Map(before);
    for (this.#skipBlanks(); !this.#line.isEnd(this.#at); this.#skipBlanks()) this.#next(all);
    const rest = [...all.values()].slice(before.size);
    const isItself = this.#mistakes.errors.length === 0 && written.includes(argumentsText(rest));
    const given = isItself ? [...all.values()] : [...before.values(), text];
    return { given, mistakes: own.errors, text };
  }

  #skipBlanks(): void {
    this.#at = this.#line.skipBlanks(this.#at);
  }

  /**
   * Returns the rest of the line as free text, if it is free text, as written: it is only displayed, so links, tags and invisible characters
   * in it are no mistakes. Consumes nothing.
   */
  #text(rule: 'rest' | 'reason'): Text | undefined {
    const start = this.#at;
    const isNamed = this.#line.slice(start, start + textName.length + 1) === `${textName}=`;
    const from = isNamed ? this.#line.skipBlanks(start + textName.length + 1) : start;
    if ((rule === 'reason' && !isNamed) || this.#line.isEnd(from)) return undefined;
    const words = this.#words(from);
    const value = this.#wholeQuoted(from) ?? words;
    this.#at = start;
    const name = isNamed ? textName : null;
    const lead = isNamed ? `${textName}=` : '';
    const raw = this.#line.slice(start, this.#line.length);
    return {
      argument: { name, value, position: this.#line.toPosition(start), unread: false },
      written: [raw, `${lead}${words}`],
    };
  }

  /** Returns the words up to the end of the line, joined with single spaces. */
  #words(start: number): string {
    const words: string[] = [];
    for (this.#at = start; !this.#line.isEnd(this.#at); this.#skipBlanks()) {
      const at = this.#at;
      this.#at = this.#line.skipText(at);
      words.push(this.#line.slice(at, this.#at));
    }
    return words.join(' ');
  }

  /** Returns the quoted value if the rest of the line is exactly one quoted value; otherwise undefined. */
  #wholeQuoted(start: number): string | undefined {
    const quote = this.#line.charAt(start);
    if (!isQuote(quote)) return undefined;
    const own = this.#mistakes;
    this.#mistakes = new LineErrors(this.#line);
    this.#at = start;
    const value = this.#quoted(quote);
    const isWhole = this.#mistakes.errors.length === 0 && this.#line.isEnd(this.#line.skipBlanks(this.#at));
    this.#mistakes = own;
    return isWhole ? value : undefined;
  }

  #argument(): Argument | undefined {
    const start = this.#at;
    const known = this.#mistakes.errors.length;
    const name = this.#name(start);
    const value = this.#value(name);
    const sound = this.#mistakes.checkRange(start, this.#at) && this.#mistakes.errors.length === known;
    if (name !== null && !parameterName.test(name)) return this.#misnamed(name, start);
    return { name, value: sound ? value : '', position: this.#line.toPosition(start), unread: !sound };
  }

  /** Consumes `name=`; null if the argument has none. */
  #name(start: number): string | null {
    if (isQuote(this.#line.charAt(start))) return null;
    let end = start;
    while (!this.#ends(end) && this.#line.charAt(end) !== '=') end++;
    if (this.#line.charAt(end) !== '=') return null;
    this.#at = end + 1;
    return this.#line.slice(start, end);
  }

  #value(name: string | null): string {
    if (name !== null && this.#ends(this.#at)) {
      const told = { expected: 'a value right after the equals sign' };
      if (parameterName.test(name))
        this.#mistakes.add('missing-value', this.#at, `The value of "${name}" is missing`, told);
      return '';
    }
    const quote = this.#line.charAt(this.#at);
    return isQuote(quote) ? this.#quoted(quote) : this.#bare();
  }

  #bare(): string {
    const start = this.#at;
    this.#at = this.#line.skipText(start);
    const value = this.#line.slice(start, this.#at);
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
    while (this.#line.charAt(this.#at) !== quote) {
      if (this.#line.isEnd(this.#at)) return this.#unclosed(quote, start);
      const escape = quote === '"' ? this.#escape(this.#at) : undefined;
      value.push(escape?.[1] ?? this.#line.charAt(this.#at));
      this.#at += escape?.[0].length ?? 1;
    }
    this.#at++;
    if (!this.#ends(this.#at) && !this.#line.isHiddenAt(this.#at)) this.#stray();
    this.#at = this.#line.skipText(this.#at);
    return value.join('');
  }

  #escape(at: number): (typeof escapes)[number] | undefined {
    if (this.#line.charAt(at) !== '\\') return undefined;
    return escapes.find(([written]) => this.#line.slice(at, at + written.length) === written);
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
    return this.#line.isEnd(at) || this.#line.isBlankAt(at);
  }
}

/** Returns the canonical text of arguments. */
const argumentsText = (given: readonly Argument[]): string => {
  const parameters = given.flatMap(({ name, value }) => (name === null ? [] : [[name, value] as const]));
  const positionals = given.flatMap(({ name, value }) => (name === null ? [value] : []));
  return toCanonicalText({ name: 'run', positionals, parameters: Object.fromEntries(parameters) }).slice(
    '/run '.length,
  );
};

const isQuote = (char: string): boolean => char === '"' || char === "'";
