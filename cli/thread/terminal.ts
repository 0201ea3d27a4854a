import { stripVTControlCharacters, styleText } from 'node:util';
import type { Sight } from './follow.ts';

const emoji: Record<string, string> = { eyes: '👀', rocket: '🚀', confused: '😕' };

/** A reply's Markdown as lines for a terminal: no hidden text, tags or links' addresses; control characters are dropped. */
export const terminalLines = (markdown: string): string[] =>
  stripVTControlCharacters(markdown)
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll(/<summary>([\s\S]*?)<\/summary>/g, '▸ $1')
    .replaceAll(/<\/?[a-z][^>]*>/g, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .split('\n')
    .filter((line) => !/^(\s*|```\w*|~~~\w*|\|[\s:|-]+\|)$/.test(line))
    .map((line) =>
      line
        .replace(/^#+ (.*)$/, (_all, heading: string) => styleText('bold', heading))
        .replaceAll(/[`*]+/g, ''),
    );

/** A comment and what the thread shows of it. */
export const sightLines = (who: string, body: string, { reactions, reply }: Sight): string[] => [
  `${styleText('cyan', who)}  ${body}  ${reactions.map((name) => emoji[name] ?? name).join(' ')}`.trimEnd(),
  ...(reply ? terminalLines(reply.body).map((line) => `  │ ${line}`) : []),
];

/**
 * Shows sights one after the other. In a terminal each replaces the one before; elsewhere (a file, CI) only the lines that
 * are new are printed.
 */
export const screen = (out: NodeJS.WriteStream = process.stdout) => {
  let shown: string[] = [];
  const width = (): number => out.columns ?? 80;
  const rows = (lines: string[]): number =>
    lines.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / width())),
      0,
    );
  return {
    show: (lines: string[]): void => {
      if (out.isTTY && shown.length > 0) out.write(`\u001b[${rows(shown)}A\u001b[0J`);
      const fresh = out.isTTY ? lines : lines.filter((line) => !shown.includes(line));
      if (fresh.length > 0) out.write(`${fresh.join('\n')}\n`);
      shown = lines;
    },
    /** Leaves what is shown where it is and begins anew below. */
    next: (): void => {
      shown = [];
    },
  };
};
