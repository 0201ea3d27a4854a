import type { Argument } from './parser/argument-parser.ts';
import type { Command, ParseError, ArgumentPosition } from './command.ts';
import { createParseError } from './parse-error.ts';

/** The longest value that a command takes, in bytes of UTF-8. */
export const maxValueBytes = 1_024;

type Told = Parameters<typeof createParseError>[3];

/** What was given to a command, and the mistakes found in it so far. */
export class CommandArguments {
  readonly mistakes: ParseError[] = [];
  readonly positionals: readonly Argument[];
  readonly parameters: readonly (Argument & { name: string })[];
  /** The free text that contains some of them. */
  readonly text: Argument | undefined;
  readonly #command: Command;

  constructor(command: Command) {
    this.#command = command;
    const whole: ArgumentPosition = { ...command.position, unread: false };
    const { positionals, parameters } = command.places ?? { positionals: [], parameters: {} };

    this.positionals = command.positionals.map((value, index) =>
      this.#argument(null, value, positionals[index] ?? whole),
    );
    this.parameters = Object.entries(command.parameters).map(([name, value]) => {
      const place = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
      return { ...this.#argument(name, value, place ?? whole), name };
    });
    const { line, column, unread: hasUnreadable } = command.places?.text ?? whole;
    this.text =
      command.text === undefined
        ? undefined
        : { name: null, value: command.text, position: { line, column }, unread: hasUnreadable };
  }

  /** Something of it could not be read. */
  get unread(): boolean {
    return [...this.positionals, ...this.parameters].some(({ unread }) => unread);
  }

  getParameter(name: string): Argument | undefined {
    return this.parameters.find((parameter) => parameter.name === name);
  }

  /** An argument is wrong. Says nothing of one that could not be read: that is told already. */
  addError({ position, unread }: Argument, code: string, message: string, told: Told): void {
    if (!unread) this.mistakes.push(createParseError(code, position, message, told));
  }

  /** Something is missing in the command as a whole. */
  addMissing(code: string, message: string, expected: string): void {
    this.mistakes.push(createParseError(code, this.#command.position, message, { expected }));
  }

  /** Tells, once, of positional arguments beyond the first `most`; `shown`: whether the first of them may be quoted. */
  requireAtMost(most: number, expected: string, shown = true): void {
    const extra = this.positionals[most];
    if (!extra) return;
    const received = shown ? extra.value : 'one more';
    this.addError(extra, 'too-many-arguments', 'There is a value too many', { expected, received });
  }

  /** The command takes no parameters. */
  rejectParameters(): void {
    this.rejectParametersExcept(undefined, `/${this.#command.name} takes no parameters`);
  }

  /** The command takes this one parameter at most; `message` tells of any other. */
  rejectParametersExcept(name: string | undefined, message = 'There is no such parameter'): void {
    const expected = name === undefined ? 'no name=value' : `${name}=…; put values with spaces in quotes`;
    for (const parameter of this.parameters) {
      if (parameter.name === name) continue;
      this.addError(parameter, 'undeclared-parameter', message, { expected, received: parameter.name });
    }
  }

  /** An argument; one that is too long counts as unread, for its value is of no use to anybody. */
  #argument(name: string | null, value: string, { line, column, unread }: ArgumentPosition): Argument {
    const bytes = Buffer.byteLength(value);
    if (bytes <= maxValueBytes) return { name, value, position: { line, column }, unread };
    const what = name === null ? 'A value' : `The value of "${name}"`;
    const told = { expected: `at most ${maxValueBytes} bytes in UTF-8`, received: `${bytes} bytes` };
    const position = { line, column };
    if (!unread) this.mistakes.push(createParseError('too-long', position, `${what} is too long`, told));
    return { name, value: '', position, unread: true };
  }
}
