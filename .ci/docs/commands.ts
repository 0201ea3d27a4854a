import { readdir, readFile } from 'node:fs/promises';
import * as v from 'valibot';
import {
  formatCommandHelp,
  commandNames,
  defaultGrammar,
  formatTaskTable,
  formatSyntaxHelp,
} from '../../chatops/command/index.ts';
import { TaskDefinition } from '../../contracts/task-definition.ts';

/** `docs/commands.md`: what every command says of itself, and the tasks that come along. */
export const commandsPage = async (): Promise<string> =>
  [
    '# Commands',
    '<!-- Made by "node .ci/generate.ts" from chatops/command/commands and compute/tasks: edit those. -->',
    `${formatSyntaxHelp(defaultGrammar)}\nA repository’s policy can require that word, or choose another one. \`/help\` in a thread tells how commands are written there, who you are and what you may do.`,
    ...commandNames.flatMap((name) => [`## ${name}`, formatCommandHelp(name, defaultGrammar)]),
    '## In a thread',
    '![A lock, an explanation, a job with its status, its end and its log](commands.png)',
    '![Help and tasks, a computation, a failed task and its retry, an approval, a rejection, a lock given back](commands-2.png)',
    '## The tasks that come along',
    'A catalogue has the tasks of whoever keeps it; `/tasks` lists them. These are the samples of `compute/tasks`:',
    formatTaskTable(await sampleCatalogue()),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');

const samples = 'compute/tasks';

const sampleCatalogue = async (): Promise<TaskDefinition[]> => {
  const names = (await readdir(samples)).filter((name) => name.endsWith('.json')).toSorted();
  return Promise.all(
    names.map(async (name) =>
      v.parse(TaskDefinition, JSON.parse(await readFile(`${samples}/${name}`, 'utf8'))),
    ),
  );
};
