import { commandSpecs, toCanonicalText, type Command, type CommandItem } from '../command/index.ts';
import type { JobValue } from './job-values.ts';

/** Returns a command without its parameters, for replies before it is known which of them are secret. */
export const formatShortCommand = ({ name, positionals: [subject] }: Command): string =>
  subject === undefined ? `/${name}` : `/${name} ${subject}`;

/** Returns a command as written, for people who have to write it again; without the parameters of tasks, any of which may be secret. */
export const formatCommandToRepeat = (item: CommandItem): string => {
  if (item.kind !== 'command') return item.heading;
  const { command } = item;
  return commandSpecs[command.name].hidesValues ? formatShortCommand(command) : command.canonical;
};

/** A longer command is shown in its canonical form, because headings do not show all of it anyway. */
const maxWrittenLength = 300;

/**
 * Returns a command as written, with secret values masked; undefined if it is too long, or not known. Only for display: other forms of the
 * same command look different.
 */
export const formatWrittenCommand = (
  { written }: Command,
  values: readonly JobValue[],
): string | undefined => {
  if (!written) return undefined;
  const masked = new Map(
    values.flatMap(({ name, value, shown }) => (value === shown ? [] : [[name, shown]])),
  );
  const shown = written.arguments.map(({ name, source }) => {
    const mask = name === null ? undefined : masked.get(name);
    return mask === undefined ? source : `${name}=${mask}`;
  });
  const text = [written.word, ...shown].join(' ');
  return text.length > maxWrittenLength ? undefined : text;
};

/** Returns the canonical command with secret values masked, as it is shown and stored. */
export const formatRedactedCommand = (command: Command, values: readonly JobValue[]): string => {
  const shown = Object.entries(command.parameters).map(([name, value]) => [
    name,
    values.find((one) => one.name === name)?.shown ?? value,
  ]);
  return toCanonicalText({ ...command, parameters: Object.fromEntries(shown) });
};
