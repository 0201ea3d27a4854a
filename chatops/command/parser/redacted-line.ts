import type { Argument } from './argument-parser.ts';
import { replaceForbidden } from '../forbidden-characters.ts';
import type { CommandName } from '../command.ts';
import type { CommentLine } from './comment-line.ts';
import { truncate } from '../parse-error.ts';

const longest = 120;
const most = 20;

/**
 * What was written, on one line, cut. Of a command that may be a task's, and of what is no command, no values are shown: nobody knows
 * yet which of them are secret.
 */
export const formatRedactedLine = (
  line: CommentLine,
  { name, end }: { name: CommandName | undefined; end: number },
  given: readonly Argument[],
): string => {
  const words = line.slice(line.skipBlanks(0), end);
  const text =
    name === undefined || name === 'run' || name === 'explain'
      ? [words, ...shown(given)].join(' ')
      : words + line.slice(end, line.length);
  return truncate(replaceForbidden(text, '\uFFFD').replaceAll('\t', ' '), longest);
};

const shown = (given: readonly Argument[]): string[] =>
  given.slice(0, most).map(({ name, value, unread }, index) => {
    if (name !== null) return `${name}=…`;
    return index === 0 && !unread ? value : '…';
  });
