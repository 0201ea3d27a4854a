import type { TaskDefinition } from '../../compute/client/index.ts';
import { commandSpecs } from './commands/index.ts';
import type { Command, CommandItem, ParseError } from './command.ts';
import { CommandArguments } from './command-arguments.ts';
import type { Intent } from './intent.ts';
import { sortByPosition } from './parse-error.ts';

/** What a command means, or all its mistakes, in the order in which they stand in the comment. */
export const interpret = (
  command: Command,
  catalogue: readonly TaskDefinition[],
): { intent: Intent } | { mistakes: ParseError[] } => {
  const given = new CommandArguments(command);
  const intent = commandSpecs[command.name].interpret(given, catalogue);
  const sound = intent && given.mistakes.length === 0 && !given.unread;
  return sound ? { intent } : { mistakes: sortByPosition(given.mistakes) };
};

/** Whether `interpret` has to know the tasks for this command. */
export const needsCatalogue = ({ name }: Pick<Command, 'name'>): boolean => commandSpecs[name].needsCatalogue;

/** All mistakes of an item that could not be read: those of its form, and those that only the catalogue tells. */
export const collectErrors = (
  { mistakes, draft }: Extract<CommandItem, { kind: 'mistakes' }>,
  catalogue: readonly TaskDefinition[],
): ParseError[] => {
  const meaning = draft ? interpret(draft, catalogue) : undefined;
  return meaning && 'mistakes' in meaning ? sortByPosition([...mistakes, ...meaning.mistakes]) : mistakes;
};
