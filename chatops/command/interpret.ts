import type { TaskDefinition } from '../../compute/client/index.ts';
import { specs } from './commands/index.ts';
import type { Command, CommandItem, Mistake } from './command.ts';
import { Given } from './command-arguments.ts';
import type { Intent } from './intent.ts';
import { inOrder } from './parse-error.ts';

/** What a command means, or all its mistakes, in the order in which they stand in the comment. */
export const interpret = (
  command: Command,
  catalogue: readonly TaskDefinition[],
): { intent: Intent } | { mistakes: Mistake[] } => {
  const given = new Given(command);
  const intent = specs[command.name].interpret(given, catalogue);
  const sound = intent && given.mistakes.length === 0 && !given.unread;
  return sound ? { intent } : { mistakes: inOrder(given.mistakes) };
};

/** Whether `interpret` has to know the tasks for this command. */
export const needsCatalogue = ({ name }: Pick<Command, 'name'>): boolean => specs[name].needsCatalogue;

/** All mistakes of an item that could not be read: those of its form, and those that only the catalogue tells. */
export const allMistakes = (
  { mistakes, draft }: Extract<CommandItem, { kind: 'mistakes' }>,
  catalogue: readonly TaskDefinition[],
): Mistake[] => {
  const meaning = draft ? interpret(draft, catalogue) : undefined;
  return meaning && 'mistakes' in meaning ? inOrder([...mistakes, ...meaning.mistakes]) : mistakes;
};
