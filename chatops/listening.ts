import { addedCommands, readCommands, type CommandItem } from './command/index.ts';
import { maySomething } from './rights.ts';
import type { Visit } from './visit.ts';

/** The commands of a comment that are for us, and that this event brings; none if nobody is to be answered. */
export const commandsFor = (visit: Visit): Promise<CommandItem[]> => forUs(commandsOf(visit), visit);

/** The commands that this event brings: of an edited comment those that it did not hold before. */
const commandsOf = ({ comment, grammar }: Visit): CommandItem[] => {
  const { body } = comment.comment;
  if (comment.event.kind === 'created') return readCommands(body, grammar);
  const { before } = comment.event;
  return before === null ? readCommands(body, grammar) : addedCommands(before, body, grammar);
};

/** A bare word that only resembles a command is for us only if its author could have meant one; other programs are unheard. */
const forUs = async (items: CommandItem[], visit: Visit): Promise<CommandItem[]> => {
  const { author } = visit.comment;
  if (items.length === 0) return [];
  if (author.kind === 'bot' && !(await maySomething(visit))) return [];
  const isDoubtful = (item: CommandItem): boolean => item.kind === 'mistakes' && item.doubtful;
  if (!items.some(isDoubtful) || (await maySomething(visit))) return items;
  return items.filter((item) => !isDoubtful(item));
};
