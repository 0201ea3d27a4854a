import type { Argument } from './argument-parser.ts';
import { withoutRefused } from '../forbidden-characters.ts';
import type { CommandName } from '../command.ts';
import type { Line } from './comment-line.ts';
import { cut } from '../parse-error.ts';

const longest = 120;
const most = 20;

/**
 * What was written, on one line, cut. Of a command that may be a task's, and of what is no command, no values are shown: nobody knows
 * yet which of them are secret.
 */
export const heading = (
  line: Line,
  { name, end }: { name: CommandName | undefined; end: number },
  given: readonly Argument[],
): string => {
  const words = line.text(line.skipBlanks(0), end);
  const text =
    name === undefined || name === 'run' || name === 'explain'
      ? [words, ...shown(given)].join(' ')
      : words + line.text(end, line.length);
  return cut(withoutRefused(text, '\uFFFD').replaceAll('\t', ' '), longest);
};

const shown = (given: readonly Argument[]): string[] =>
  given.slice(0, most).map(({ name, value, unread }, index) => {
    if (name !== null) return `${name}=…`;
    return index === 0 && !unread ? value : '…';
  });
