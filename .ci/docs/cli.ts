import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { formatTable } from '../../chatops/markdown/table.ts';
import { exitCodeMeanings, exitCodes } from '../../cli/exit-codes.ts';
import { createProgram } from '../../cli/program/program.ts';

/** Returns `docs/cli.md`: `cli.template.md` with the help of each command, and the exit codes. */
export const buildCliPage = async (): Promise<string> => {
  const parts: Record<string, string> = {
    exitCodes: formatTable(
      ['Exit code', 'Meaning'],
      Object.entries(exitCodeMeanings).map(([name, meaning]) => [
        String(exitCodes[name as keyof typeof exitCodes]),
        meaning,
      ]),
    ),
    commands: listLeaves(createProgram()).map(renderCommand).join('\n\n'),
  };
  const template = await readFile('.ci/docs/cli.template.md', 'utf8');
  return template.replaceAll(/^\{\{(\w+)\}\}$/gm, (_, name: string) => parts[name] ?? '');
};

type Leaf = { path: string; command: Command };

const listLeaves = (command: Command, path: readonly string[] = []): Leaf[] =>
  command.commands.flatMap((one) => {
    const own = [...path, one.name()];
    return one.commands.length > 0 ? listLeaves(one, own) : [{ path: own.join(' '), command: one }];
  });

/** The help as a terminal of 80 columns shows it, wherever the page is generated. */
const renderCommand = ({ path, command }: Leaf): string => {
  let text = '';
  command.configureHelp({ helpWidth: 80 }).configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return `### ${path}\n\n\`\`\`text\n${text.trim()}\n\`\`\``;
};
