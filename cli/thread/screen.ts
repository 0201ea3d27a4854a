import type { Sight } from './follow-comment.ts';
import { printable, styled, wrapped } from './terminal-text.ts';
import { terminalLines, type Look } from './markdown.ts';

const emoji: Record<string, string> = { eyes: '👀', rocket: '🚀', confused: '😕' };
const bar = '  │ ';

/** A comment, its reactions, and its reply, as the thread shows them. */
const sightLines = (who: string, body: string, { reactions, reply }: Sight, look: Look): string[] => {
  const [first = '', ...more] = wrapped(`${who}  ${printable(body)}`, look.width);
  const within = { ...look, width: Math.max(1, look.width - bar.length) };
  return [
    `${styled('green', who)}${first.slice(who.length)}`,
    ...more.map((line) => `${' '.repeat(who.length)}  ${line}`),
    ...(reactions.length > 0 ? [`  ${reactions.map((name) => emoji[name] ?? name).join(' ')}`] : []),
    ...(reply ? terminalLines(reply.body, within).map((line) => bar + line) : []),
  ];
};

/** What a screen needs of the stream it writes to: standard output, for example. */
export type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows' | 'write'>;

/**
 * Shows the sights of one comment, one after the other. In a terminal each replaces the one before; elsewhere (a file, CI) only
 * the lines that are new are printed, as long as they are.
 */
export const screen = (who: string, body: string, out: Output = process.stdout) => {
  let shown: string[] = [];
  return {
    show: (sight: Sight): void => {
      const look = { width: out.isTTY ? out.columns : Infinity, links: out.isTTY };
      const lines = sightLines(who, body, sight, look);
      // What has left the screen at its top cannot be written over.
      const over = Math.min(shown.length, out.rows - 1);
      if (out.isTTY && over > 0) out.write(`\u001B[${over}A\u001B[0J`);
      const fresh = out.isTTY ? lines : lines.filter((line) => !shown.includes(line));
      if (fresh.length > 0) out.write(`${fresh.join('\n')}\n`);
      shown = lines;
    },
  };
};
