import type { Argument, Command, ParseError, ArgumentPosition } from './command.ts';
import { findClosest } from './did-you-mean.ts';
import { createParseError, type ErrorDetails } from './parse-error.ts';

/** The maximum length of an argument's value, in bytes of UTF-8. */
export const maxValueBytes = 1_024;

/** The arguments of a command, and the errors found in them so far. */
export class CommandArguments {
  readonly errors: ParseError[] = [];
  readonly positionals: readonly Argument[];
  readonly parameters: readonly (Argument & { name: string })[];
  /** The free text, which contains some of the arguments. */
  readonly text: Argument | undefined;
  readonly #command: Command;

  constructor(command: Command) {
    this.#command = command;
    const commandPosition: ArgumentPosition = { ...command.position, unreadable: false };
    const { positionals, parameters } = command.argumentPositions ?? { positionals: [], parameters: {} };

    this.positionals = command.positionals.map((value, index) =>
      this.#argument(null, value, positionals[index] ?? commandPosition),
    );
    this.parameters = Object.entries(command.parameters).map(([name, value]) => {
      const position = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
      return { ...this.#argument(name, value, position ?? commandPosition), name };
    });
    const { line, column, unreadable } = command.argumentPositions?.text ?? commandPosition;
    this.text =
      command.text === undefined
        ? undefined
        : { name: null, value: command.text, position: { line, column }, unreadable };
  }

  /** Whether an argument could not be parsed. */
  get hasUnreadable(): boolean {
    return [...this.positionals, ...this.parameters].some(({ unreadable }) => unreadable);
  }

  getParameter(name: string): Argument | undefined {
    return this.parameters.find((parameter) => parameter.name === name);
  }

  /** Adds an error in an argument, unless it could not be parsed: the parser has reported that. */
  addError({ position, unreadable }: Argument, code: string, message: string, details: ErrorDetails): void {
    if (!unreadable) this.errors.push(createParseError(code, position, message, details));
  }

  /** Adds an error at the position of the command: something is missing. */
  addMissing(code: string, message: string, expected: string): void {
    this.errors.push(createParseError(code, this.#command.position, message, { expected }));
  }

  /** Adds one error if there are more than `max` positional arguments; `mayQuote`: whether the first surplus one may be quoted. */
  requireAtMost(max: number, expected: string, mayQuote = true): void {
    const surplus = this.positionals[max];
    if (!surplus) return;
    const received = mayQuote ? surplus.value : 'one more';
    this.addError(surplus, 'too-many-arguments', 'Too many arguments', { expected, received });
  }

  /** Adds an error for each parameter, for a command that takes none. */
  rejectParameters(): void {
    this.rejectParametersExcept([], 'This command takes no parameters');
  }

  /** Adds an error for each parameter with another name than these, unless it is a part of the free text. */
  rejectParametersExcept(names: readonly string[], message = '{received} is not a parameter'): void {
    const listed = names.map((name) => `${name}=…`).join(', ');
    const expected = names.length === 0 ? 'no name=value' : `${listed}; put values with spaces in quotes`;
    for (const parameter of this.parameters) {
      if (names.includes(parameter.name) || this.#isInText(parameter)) continue;
      const suggestion = findClosest(parameter.name, names) ?? null;
      const details = { expected, received: parameter.name, suggestion };
      this.addError(parameter, 'undeclared-parameter', message, details);
    }
  }

  #isInText({ position }: Argument): boolean {
    return this.text !== undefined && position.column >= this.text.position.column;
  }

  /** Returns an argument. A value that is too long is dropped, and the argument counts as unreadable. */
  #argument(name: string | null, value: string, { line, column, unreadable }: ArgumentPosition): Argument {
    const bytes = Buffer.byteLength(value);
    if (bytes <= maxValueBytes) return { name, value, position: { line, column }, unreadable };
    const what = name === null ? 'A value' : `The value of "${name}"`;
    const details = { expected: `at most ${maxValueBytes} bytes in UTF-8`, received: `${bytes} bytes` };
    const position = { line, column };
    if (!unreadable) this.errors.push(createParseError('too-long', position, `${what} is too long`, details));
    return { name, value: '', position, unreadable: true };
  }
}
