import { canonicalOf, type Command } from '../command/index.ts';
import type { Value } from './values.ts';

/** A command without its parameters, for answers given before anyone knows which of them are secret. */
export const shortForm = ({ name, positionals: [subject] }: Command): string =>
  subject === undefined ? `/${name}` : `/${name} ${subject}`;

/** The canonical command as it is shown and stored: the values of secret parameters are masked. */
export const shownForm = (command: Command, values: readonly Value[]): string => {
  const shown = Object.entries(command.parameters).map(([name, value]) => [
    name,
    values.find((one) => one.name === name)?.shown ?? value,
  ]);
  return canonicalOf({ ...command, parameters: Object.fromEntries(shown) });
};
