import { replaceForbidden } from '../forbidden-characters.ts';
import type { Argument, CommandName } from '../command.ts';
import { commandSpecs } from '../commands/index.ts';
import type { CommentLine } from './comment-line.ts';
import { truncate } from '../parse-error.ts';

const maxLength = 120;
const maxArguments = 20;

/**
 * Returns a line as written, truncated. For commands that run tasks, and for lines that are not commands, values are left out,
 * because it is unknown which of them are secret.
 */
export const formatRedactedLine = (
  line: CommentLine,
  { name, end }: { name: CommandName | undefined; end: number },
  args: readonly Argument[],
): string => {
  const commandText = line.slice(line.skipBlanks(0), end);
  const text =
    name === undefined || commandSpecs[name].hidesValues
      ? [commandText, ...redactArguments(args)].join(' ')
      : commandText + line.slice(end, line.length);
  return truncate(replaceForbidden(text, '\uFFFD').replaceAll('\t', ' '), maxLength);
};

const redactArguments = (args: readonly Argument[]): string[] =>
  args.slice(0, maxArguments).map(({ name, value, unreadable }, index) => {
    if (name !== null) return `${name}=…`;
    return index === 0 && !unreadable ? value : '…';
  });
