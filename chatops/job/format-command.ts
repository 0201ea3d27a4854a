import { commandSpecs, toCanonicalText, type Command, type CommandItem } from '../command/index.ts';
import type { JobValue } from './job-values.ts';

/** Returns a command without its parameters, for replies before it is known which of them are secret. */
export const formatShortCommand = ({ name, positionals: [subject] }: Command): string =>
  subject === undefined ? `/${name}` : `/${name} ${subject}`;

/** What was written, for whoever is to write it again. Without the parameters of tasks: nobody asks here which are secret. */
export const formatCommandToRepeat = (item: CommandItem): string => {
  if (item.kind !== 'command') return item.heading;
  const { command } = item;
  return commandSpecs[command.name].hidesValues ? formatShortCommand(command) : command.canonical;
};

/** Returns the canonical command with secret values masked, as it is shown and stored. */
export const formatRedactedCommand = (command: Command, values: readonly JobValue[]): string => {
  const shown = Object.entries(command.parameters).map(([name, value]) => [
    name,
    values.find((one) => one.name === name)?.shown ?? value,
  ]);
  return toCanonicalText({ ...command, parameters: Object.fromEntries(shown) });
};
