import { toCanonicalText } from '../canonical.ts';
import type { Argument, ParseError } from '../command.ts';
import { nameCharacter } from '../forbidden-characters.ts';
import { allowsEscapes, findUnclearMark, getClosingMarks, isSameGroup } from '../quotation-marks.ts';
import type { CommentLine } from './comment-line.ts';
import { LineErrors } from './line-errors.ts';

const parameterName = /^[A-Za-z_][A-Za-z0-9_.-]{0,62}$/;
/** The escape sequences in double quotes, besides those of the quotes. A backslash before any other character is literal. */
const escapes: readonly [written: string, char: string][] = [
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

/** Free text; `equivalents`: the spellings of it that are equivalent to separate arguments. */
type FreeText = { argument: Argument; equivalents: readonly string[] };

const textParameterName = 'reason';

/** Parses the arguments of one command: `positional key=value key="quoted \" value" 'single' “typographic”`. */
export class ArgumentParser {
  readonly #line: CommentLine;
  #at: number;
  readonly #textRule: TextRule;
  #errors: LineErrors;

  constructor(line: CommentLine, from: number, textRule: TextRule) {
    this.#line = line;
    this.#at = from;
    this.#textRule = textRule;
    this.#errors = new LineErrors(line);
  }

  /** Returns all arguments and all errors in them. The first value of a repeated parameter counts. `text`: see `TextRule`. */
  parse(): { args: Argument[]; errors: ParseError[]; text?: Argument } {
    const found = new Map<string, Argument>();
    let rule: ReturnType<TextRule>;
    this.#errors.checkCharacters(0, this.#at);
    for (this.#skipBlanks(); !this.#line.isEnd(this.#at); this.#skipBlanks()) {
      const text = rule && this.#parseText(rule);
      if (text) return this.#resolveText(found, text);
      const argument = this.#parseNext(found);
      if (argument?.name === null) rule = this.#textRule(argument.value);
    }
    return { args: [...found.values()], errors: this.#errors.errors };
  }

  #parseNext(found: Map<string, Argument>): Argument | undefined {
    const argument = this.#parseArgument();
    if (!argument) return undefined;
    const { name, position } = argument;
    if (name !== null && found.has(name)) this.#errors.addDuplicate(name, position);
    else found.set(name ?? ` ${found.size}`, argument);
    return argument;
  }

  /**
   * Returns free text as one argument, unless it equals the canonical form of the separate arguments that it contains. This keeps
   * the canonical text of each command as it was before free text existed.
   */
  #resolveText(
    before: Map<string, Argument>,
    { argument: text, equivalents }: FreeText,
  ): ReturnType<ArgumentParser['parse']> {
    const own = this.#errors;
    this.#errors = new LineErrors(this.#line);
    const all = new Map(before);
    for (this.#skipBlanks(); !this.#line.isEnd(this.#at); this.#skipBlanks()) this.#parseNext(all);
    const rest = [...all.values()].slice(before.size);
    const isItself = this.#errors.errors.length === 0 && equivalents.includes(formatArguments(rest));
    const args = isItself ? [...all.values()] : [...before.values(), text];
    return { args, errors: own.errors, text };
  }

  #skipBlanks(): void {
    this.#at = this.#line.skipBlanks(this.#at);
  }

  /**
   * Returns the rest of the line as written, if it is free text. It is only displayed, so links, tags and invisible characters in it
   * are allowed. Consumes nothing.
   */
  #parseText(rule: 'rest' | 'reason'): FreeText | undefined {
    const start = this.#at;
    const isNamed = this.#line.slice(start, start + textParameterName.length + 1) === `${textParameterName}=`;
    const from = isNamed ? this.#line.skipBlanks(start + textParameterName.length + 1) : start;
    if ((rule === 'reason' && !isNamed) || this.#line.isEnd(from)) return undefined;
    const words = this.#joinWords(from);
    const value = this.#parseWholeQuoted(from) ?? words;
    this.#at = start;
    const name = isNamed ? textParameterName : null;
    const lead = isNamed ? `${textParameterName}=` : '';
    const raw = this.#line.slice(start, this.#line.length);
    return {
      argument: { name, value, position: this.#line.toPosition(start), unreadable: false },
      equivalents: [raw, `${lead}${words}`],
    };
  }

  /** Returns the words up to the end of the line, joined with single spaces. */
  #joinWords(start: number): string {
    const words: string[] = [];
    for (this.#at = start; !this.#line.isEnd(this.#at); this.#skipBlanks()) {
      const at = this.#at;
      this.#at = this.#line.skipText(at);
      words.push(this.#line.slice(at, this.#at));
    }
    return words.join(' ');
  }

  /** Returns the quoted value if the rest of the line is exactly one quoted value; otherwise undefined. */
  #parseWholeQuoted(start: number): string | undefined {
    if (!this.#isQuote(start)) return undefined;
    const own = this.#errors;
    this.#errors = new LineErrors(this.#line);
    this.#at = start;
    const value = this.#readQuoted();
    const end = this.#line.skipBlanks(this.#line.skipComment(this.#at));
    const isWhole = this.#errors.errors.length === 0 && this.#line.isEnd(end);
    this.#errors = own;
    return isWhole ? value : undefined;
  }

  #parseArgument(): Argument | undefined {
    const start = this.#at;
    const errorCount = this.#errors.errors.length;
    const name = this.#parseName(start);
    const value = this.#parseValue(name);
    const isReadable = this.#errors.checkRange(start, this.#at) && this.#errors.errors.length === errorCount;
    if (name !== null && !parameterName.test(name)) return this.#addInvalidName(name, start);
    return {
      name,
      value: isReadable ? value : '',
      position: this.#line.toPosition(start),
      unreadable: !isReadable,
      source: this.#line.slice(start, this.#at),
    };
  }

  /** Consumes `name=` and returns the name; null if the argument has none. */
  #parseName(start: number): string | null {
    if (this.#isQuote(start)) return null;
    let end = start;
    while (!this.#isEnd(end) && this.#line.charAt(end) !== '=') end++;
    if (this.#line.charAt(end) !== '=') return null;
    this.#at = end + 1;
    return this.#line.slice(start, end);
  }

  #parseValue(name: string | null): string {
    if (name !== null && this.#isEnd(this.#at)) {
      const details = { expected: 'a value right after the equals sign' };
      if (parameterName.test(name))
        this.#errors.add('missing-value', this.#at, `The value of "${name}" is missing`, details);
      return '';
    }
    return this.#isQuote(this.#at) ? this.#parseQuoted() : this.#parseUnquoted();
  }

  #parseUnquoted(): string {
    const start = this.#at;
    this.#at = this.#line.skipText(start);
    const value = this.#line.slice(start, this.#at);
    const inside = findUnclearMark(value);
    if (inside >= 0) {
      const mark = this.#line.charAt(start + inside);
      const received = mark === '"' ? 'one inside it' : `${nameCharacter(mark)} inside it`;
      const details = { expected: 'quotation marks around the whole value', received };
      this.#errors.add(
        'quote-inside',
        start + inside,
        'A value contains a quotation mark but does not start with one',
        details,
      );
    }
    return value;
  }

  #parseQuoted(): string {
    const value = this.#readQuoted();
    if (!this.#isEnd(this.#at) && !this.#line.isHiddenAt(this.#at)) this.#addStrayText();
    this.#at = this.#line.skipText(this.#at);
    return value;
  }

  /** Consumes a quoted value up to its closing quotation mark and returns it. */
  #readQuoted(): string {
    const start = this.#at++;
    const quote = this.#line.charAt(start);
    const closing = getClosingMarks(quote) ?? quote;
    const value: string[] = [];
    while (!closing.includes(this.#line.charAt(this.#at))) {
      const escape = allowsEscapes(quote) ? this.#findEscape(this.#at, closing) : undefined;
      value.push(escape?.char ?? this.#line.charAt(this.#at));
      this.#at += escape?.length ?? 1;
    }
    if (this.#line.isEnd(this.#at)) return this.#addUnclosedQuote(quote, start);
    this.#at++;
    return value.join('');
  }

  /** Returns the escape sequence at an offset. @param closing the marks that close the value */
  #findEscape(at: number, closing: string): { char: string; length: number } | undefined {
    if (this.#line.charAt(at) !== '\\') return undefined;
    const next = this.#line.charAt(at + 1);
    if (next !== '' && closing.includes(next)) return { char: next, length: 2 };
    const found = escapes.find(([written]) => this.#line.slice(at, at + written.length) === written);
    return found && { char: found[1], length: found[0].length };
  }

  /** @param start the offset of the mark that opens the value */
  #addUnclosedQuote(quote: string, start: number): string {
    const rest = Array.from(this.#line.slice(start + 1, this.#line.length));
    const other = rest.findLast((char) => isSameGroup(char, quote));
    const details = {
      expected: `a closing ${quote}`,
      received: other === undefined ? 'the end of the line' : nameCharacter(other),
    };
    this.#errors.add('unclosed-quote', start, 'A quotation mark is not closed', details);
    return '';
  }

  #isQuote(at: number): boolean {
    return getClosingMarks(this.#line.charAt(at)) !== undefined;
  }

  #addStrayText(): void {
    const mark = this.#line.charAt(this.#at - 1);
    const expected = isTypewriterMark(mark)
      ? 'a space after the closing quotation mark'
      : `a space after the closing quotation mark ${nameCharacter(mark)}`;
    const details = { expected, received: 'more text' };
    this.#errors.add('stray-text', this.#at, 'There is text right after a closing quotation mark', details);
  }

  #addInvalidName(name: string, start: number): undefined {
    const message =
      name === ''
        ? 'A name is missing before an equals sign'
        : 'The text before an equals sign is not a valid name';
    const expected = 'name=value without spaces; a name consists of letters, digits, "_", "-" and "."';
    this.#errors.add('invalid-name', start, message, { expected, received: name === '' ? '=' : name });
  }

  #isEnd(at: number): boolean {
    return this.#line.isEnd(at) || this.#line.isBlankAt(at);
  }
}

/** Returns the canonical text of arguments. */
const formatArguments = (args: readonly Argument[]): string => {
  const parameters = args.flatMap(({ name, value }) => (name === null ? [] : [[name, value] as const]));
  const positionals = args.flatMap(({ name, value }) => (name === null ? [value] : []));
  return toCanonicalText({ name: 'run', positionals, parameters: Object.fromEntries(parameters) }).slice(
    '/run '.length,
  );
};

const isTypewriterMark = (mark: string): boolean => mark === '"' || mark === "'";
