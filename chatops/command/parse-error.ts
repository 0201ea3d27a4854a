import type { ParseError, Position } from './command.ts';

const maxReceivedLength = 80;

/** What was expected and written, and a suggestion, as far as they are known. */
export type ErrorDetails = Partial<Pick<ParseError, 'expected' | 'received' | 'suggestion'>>;

/** Creates a parse error; missing details become null. */
export const createParseError = (
  code: string,
  { line, column }: Position,
  message: string,
  details: ErrorDetails = {},
): ParseError => ({
  code,
  position: { line, column },
  message,
  expected: details.expected ?? null,
  received: typeof details.received === 'string' ? truncate(details.received, maxReceivedLength) : null,
  suggestion: details.suggestion ?? null,
});

/** Returns the start of a text, at most `max` code points. */
export const truncate = (text: string, max: number): string => {
  const start = Array.from(text.slice(0, 2 * max + 2));
  return start.length > max ? `${start.slice(0, max - 1).join('')}…` : text;
};

/** Sorts errors by their position in the comment. */
export const sortByPosition = (errors: readonly ParseError[]): ParseError[] =>
  errors.toSorted((a, b) => a.position.line - b.position.line || a.position.column - b.position.column);
