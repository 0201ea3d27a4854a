import { readdir, readFile } from 'node:fs/promises';
import * as v from 'valibot';
import {
  formatCommandHelp,
  commandNames,
  defaultGrammar,
  formatAlgorithmList,
  formatTaskList,
  formatSyntaxHelp,
} from '../../chatops/command/index.ts';
import { createBuiltInAlgorithms } from '../../compute/algorithms/built-in.ts';
import { describeAlgorithms } from '../../compute/algorithms/describe-algorithms.ts';
import { defaultAlgorithm } from '../../contracts/job-request.ts';
import { TaskDefinition } from '../../contracts/task-definition.ts';

const algorithms = createBuiltInAlgorithms();

/** Returns `docs/commands.md`: the specification of each command, the algorithms, and the sample tasks. */
export const commandsPage = async (): Promise<string> =>
  [
    '# Commands',
    '<!-- Made by "node .ci/generate.ts" from chatops/command/commands, compute/algorithms and compute/tasks: edit those. -->',
    `${formatSyntaxHelp(defaultGrammar)}\nA repository’s policy can require this prefix or choose another one. \`/help\` shows how to write commands in a repository, who you are there, and what you can do.`,
    '## Where you can write commands',
    'You can write commands in comments on issues and pull requests. On a pull request, you can also write them in comments on its diff and in the text of a review. The reply is always a comment in the conversation; if it answers a review comment or a review, it begins with a link to it. The commands of a draft review run when you submit the review.',
    'Commands in the descriptions of issues and pull requests, in discussions and in comments on commits are ignored.',
    ...commandNames.flatMap((name) => [`## ${name}`, formatCommandHelp(name, defaultGrammar)]),
    '## In a thread',
    '![A lock, an explanation, a job with its status, log and cancellation, and the tasks](commands.png)',
    '## Algorithms',
    '`/help compute` lists the algorithms of your orchestrator. These are built in:',
    formatAlgorithmList(
      { algorithms: describeAlgorithms(algorithms.values()), defaultAlgorithm },
      defaultGrammar,
    ),
    '## Sample tasks',
    'Each catalogue is defined by its operator; `/tasks` lists its tasks. These are the samples in `compute/tasks`:',
    formatTaskList(await sampleCatalogue()),
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
