import type { ParseError, Position } from './command.ts';

const longest = 80;

/** A mistake; what is not told is null. */
export const createParseError = (
  code: string,
  { line, column }: Position,
  message: string,
  told: Partial<Pick<ParseError, 'expected' | 'received' | 'suggestion'>> = {},
): ParseError => ({
  code,
  position: { line, column },
  message,
  expected: told.expected ?? null,
  received: typeof told.received === 'string' ? truncate(told.received, longest) : null,
  suggestion: told.suggestion ?? null,
});

/** The start of a text, at most so many code points. */
export const truncate = (text: string, most: number): string => {
  const start = Array.from(text.slice(0, 2 * most + 2));
  return start.length > most ? `${start.slice(0, most - 1).join('')}…` : text;
};

/** In the order in which they stand in the comment. */
export const sortByPosition = (mistakes: readonly ParseError[]): ParseError[] =>
  mistakes.toSorted((a, b) => a.position.line - b.position.line || a.position.column - b.position.column);
