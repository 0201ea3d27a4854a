import type { ThreadView } from './follow-comment.ts';
import { toPrintable, applyStyle, wrapText } from './terminal-text.ts';
import { renderMarkdown, type TerminalFormat } from './markdown.ts';

const emoji: Record<string, string> = { eyes: '👀', rocket: '🚀', confused: '😕' };
const bar = '  │ ';

/** Renders a comment, its reactions and its reply. */
const renderThread = (
  who: string,
  body: string,
  { reactions, reply }: ThreadView,
  format: TerminalFormat,
): string[] => {
  const [first = '', ...more] = wrapText(`${who}  ${toPrintable(body)}`, format.width);
  const within = { ...format, width: Math.max(1, format.width - bar.length) };
  return [
    `${applyStyle('green', who)}${first.slice(who.length)}`,
    ...more.map((line) => `${' '.repeat(who.length)}  ${line}`),
    ...(reactions.length > 0 ? [`  ${reactions.map((name) => emoji[name] ?? name).join(' ')}`] : []),
    ...(reply ? renderMarkdown(reply.body, within).map((line) => bar + line) : []),
  ];
};

/** The stream to which a screen writes, such as standard output. */
export type ScreenOutput = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows' | 'write'>;

/**
 * Shows the successive states of a comment. In a terminal, each state replaces the previous one. Elsewhere (a file, CI), only new lines
 * are printed, without wrapping.
 */
export const createScreen = (who: string, body: string, out: ScreenOutput = process.stdout) => {
  let printed: string[] = [];
  return {
    show: (view: ThreadView): void => {
      const format = { width: out.isTTY ? out.columns : Infinity, links: out.isTTY };
      const lines = renderThread(who, body, view, format);
      // Lines that have scrolled off the top of the screen cannot be overwritten.
      const over = Math.min(printed.length, out.rows - 1);
      if (out.isTTY && over > 0) out.write(`\u001B[${over}A\u001B[0J`);
      const fresh = out.isTTY ? lines : lines.filter((line) => !printed.includes(line));
      if (fresh.length > 0) out.write(`${fresh.join('\n')}\n`);
      printed = lines;
    },
  };
};
