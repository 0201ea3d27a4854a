import type { TaskDefinition } from '../../contracts/task-definition.ts';
import { commandSpecs } from './commands/index.ts';
import type { Command, CommandItem, ParseError } from './command.ts';
import { CommandArguments } from './command-arguments.ts';
import type { Intent } from './intent.ts';
import { sortByPosition } from './parse-error.ts';

/** Returns what a command requests, or all errors in it, in the order of the comment. */
export const interpret = (
  command: Command,
  catalogue: readonly TaskDefinition[],
): { intent: Intent } | { errors: ParseError[] } => {
  const args = new CommandArguments(command);
  const intent = commandSpecs[command.name].interpret(args, catalogue);
  const isValid = intent && args.errors.length === 0 && !args.hasUnreadable;
  return isValid ? { intent } : { errors: sortByPosition(args.errors) };
};

/** Returns whether `interpret` needs the catalogue for a command. */
export const needsCatalogue = ({ name }: Pick<Command, 'name'>): boolean => commandSpecs[name].needsCatalogue;

/** Returns all errors of an invalid item: those in its syntax, and those that need the catalogue to be found. */
export const collectErrors = (
  { errors, draft }: Extract<CommandItem, { kind: 'invalid' }>,
  catalogue: readonly TaskDefinition[],
): ParseError[] => {
  const interpreted = draft ? interpret(draft, catalogue) : undefined;
  return interpreted && 'errors' in interpreted ? sortByPosition([...errors, ...interpreted.errors]) : errors;
};
