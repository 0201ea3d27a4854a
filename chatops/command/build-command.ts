import { toCanonicalText } from './canonical.ts';
import type { Command, CommandName, ArgumentPosition, Position } from './command.ts';
import type { Argument } from './parser/argument-parser.ts';

/** A command of arguments that were read; the first such in its comment, until somebody counts. */
export const buildCommand = (
  name: CommandName,
  positionals: readonly Argument[],
  parameters: readonly (Argument & { name: string })[],
  position: Position,
  text?: Argument,
): Command => {
  const sorted = parameters.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const written = {
    name,
    positionals: positionals.map(({ value }) => value),
    parameters: Object.fromEntries(sorted.map(({ name, value }) => [name, value])),
  };
  const places = {
    positionals: positionals.map(placeOf),
    parameters: Object.fromEntries(sorted.map((argument) => [argument.name, placeOf(argument)])),
    ...(text && { text: placeOf(text) }),
  };
  const canonical = toCanonicalText(written);
  return { ...written, ...(text && { text: text.value }), canonical, occurrence: 1, position, places };
};

const placeOf = ({ position, unread }: Argument): ArgumentPosition => ({ ...position, unread });
