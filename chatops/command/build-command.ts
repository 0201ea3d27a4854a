import { toCanonicalText } from './canonical.ts';
import type { Argument, Command, CommandName, ArgumentPosition, Position } from './command.ts';

/** Builds a command from parsed arguments. Its occurrence is 1 until `assignKeys` counts the commands of the comment. */
export const buildCommand = (
  name: CommandName,
  positionals: readonly Argument[],
  parameters: readonly (Argument & { name: string })[],
  position: Position,
  text?: Argument,
): Command => {
  const sorted = parameters.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const content = {
    name,
    positionals: positionals.map(({ value }) => value),
    parameters: Object.fromEntries(sorted.map(({ name, value }) => [name, value])),
  };
  const argumentPositions = {
    positionals: positionals.map(toArgumentPosition),
    parameters: Object.fromEntries(sorted.map((argument) => [argument.name, toArgumentPosition(argument)])),
    ...(text && { text: toArgumentPosition(text) }),
  };
  const canonical = toCanonicalText(content);
  return {
    ...content,
    ...(text && { text: text.value }),
    canonical,
    occurrence: 1,
    position,
    argumentPositions,
  };
};

const toArgumentPosition = ({ position, unreadable }: Argument): ArgumentPosition => ({
  ...position,
  unreadable,
});
