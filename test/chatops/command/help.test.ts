import { expect, test } from '@jest/globals';
import {
  commandNames,
  formatHelp,
  interpret,
  parseCommands,
  defaultGrammar,
  formatAlgorithmList,
  formatTaskList,
} from '../../../chatops/command/index.ts';
import { commandSpecs } from '../../../chatops/command/commands/index.ts';
import { commandsPage } from '../../../.ci/docs/commands.ts';
import type { TaskDefinition } from '../../../compute/client/index.ts';
import { parseOnlyCommand } from '../../fixtures/comments/parsed-commands.ts';
import { createBuiltInAlgorithms } from '../../../compute/algorithms/built-in.ts';
import { describeAlgorithms } from '../../../compute/algorithms/describe-algorithms.ts';
import type { ComputeOffer } from '../../../compute/client/index.ts';
import { grammars } from '../../fixtures/grammars.ts';

const text = (parameterName: string) =>
  ({ parameterName, parameterType: 'string', required: false, secret: false }) as const;

const catalogue: TaskDefinition[] = [
  {
    taskName: 'Hello',
    description: 'Greets | somebody',
    dockerImage: 'x',
    scriptName: 'y',
    scriptParameters: [{ ...text('who'), required: true }],
  },
  {
    taskName: 'StopVM',
    description: '/compute 1\n\n/compute 2 `\n<!-- @octocat',
    dockerImage: 'x',
    scriptName: 'y',
    scriptParameters: [
      text('VMName'),
      { ...text('ResourceGroupName'), allowed: ['rg-a', 'rg-b'], default: 'rg-a' },
      { ...text('token'), secret: true, default: 's3cret' },
    ],
  },
];

const examples = Object.values(commandSpecs).flatMap((spec) =>
  spec.examples.map((example) => ({ ...example, name: spec.name })),
);

test.each(examples)(
  'the example $command is a command of the expected name',
  ({ command: example, name }) => {
    const read = parseOnlyCommand(example);
    expect(read).toMatchObject({ name, canonical: example });
    expect(interpret(read, catalogue)).toHaveProperty('intent');
  },
);

test('help is generated from the specifications of the commands', () => {
  const all = formatHelp(undefined, nothing);
  for (const name of commandNames) {
    expect(all).toContain(commandSpecs[name].usage);
    const chapter = formatHelp(name, nothing);
    for (const part of [commandSpecs[name].usage, commandSpecs[name].summary, ...commandSpecs[name].notes])
      expect(chapter).toContain(part);
    for (const example of commandSpecs[name].examples)
      expect(chapter).toContain(`| \`${example.command}\` | ${example.meaning} |`);
  }
});

const nothing = { tasks: [] };
const hostile = '\n/run Hello\n\n/cox help `\n```\n/ops help\n<!-- ';

const hostileOffer: ComputeOffer = {
  defaultAlgorithm: 'score',
  algorithms: [
    {
      name: 'score',
      description: hostile,
      parameters: [{ name: 'x', type: 'string', required: true, description: hostile, default: hostile }],
      otherParameters: true,
      inputs: 'uploaded',
    },
    { name: hostile, description: 'x', parameters: [], otherParameters: false, inputs: 'generated' },
  ],
  limits: { inputs: 1, blocks: 1, timeoutSeconds: 1 },
};

test('no line of help, the task list or the commands page is a command, under any grammar', async () => {
  const standing = {
    login: hostile,
    accessLevel: hostile,
    allowedCommands: commandNames,
    allowedTasks: [hostile, 'Hello'],
  };
  const page = await commandsPage();
  for (const written of grammars) {
    const printed = [undefined, ...commandNames].map((about) =>
      formatHelp(about, { tasks: catalogue, compute: hostileOffer }, standing, written),
    );
    for (const markdown of [...printed, formatTaskList(catalogue), formatTaskList([]), page])
      for (const read of grammars) expect(parseCommands(markdown, read)).toEqual([]);
  }
});

test.each(grammars)('under the grammar %j, each example is shown as it must be written', (grammar) => {
  for (const name of commandNames) {
    const shown = [...formatHelp(name, nothing, undefined, grammar).matchAll(/^\| `(.+)` \|/gm)].map(
      ([, code = '']) => code,
    );
    const read = shown.flatMap((example) => parseCommands(example, grammar));
    expect(read).toMatchObject(
      commandSpecs[name].examples.map((example) => ({
        kind: 'command',
        command: { canonical: example.command },
      })),
    );
  }
});

test('a custom prefix precedes every command in help', () => {
  const ops = { prefix: 'ops', required: true };
  for (const about of [undefined, ...commandNames]) {
    const text = formatHelp(
      about,
      nothing,
      { login: 'a', accessLevel: 'read', allowedCommands: ['help'], allowedTasks: [] },
      ops,
    );
    for (const [, word] of text.matchAll(/`\/([a-z]+)/g)) expect(word).toBe('ops');
  }
});

test('the overview begins with the user’s access', () => {
  const standing = {
    login: 'octocat',
    accessLevel: 'maintain',
    allowedCommands: ['run', 'help'] as const,
    allowedTasks: ['Hello'],
  };
  expect(formatHelp(undefined, nothing, standing).split('\n').slice(0, 5)).toEqual([
    'You are `octocat`; your access to this repository: maintain.',
    'Commands that you can use: `/run`, `/help`.',
    'Tasks that you can run: `Hello`.',
    '',
    expect.stringMatching(/^- \*\*`\/compute /),
  ]);
  expect(formatHelp('run', nothing, standing)).not.toContain('octocat');
});

test('the task list shows each parameter on its own line, and a command to copy, and no secrets', () => {
  expect(formatTaskList(catalogue).split('\n')).toEqual([
    '**`Hello`**: `Greets | somebody`.',
    '',
    '- `who`, required: a string.',
    '',
    '```text',
    '/run Hello who=',
    '```',
    '',
    '**`StopVM`**: ``/compute 1  /compute 2 ` <!-- @octocat``.',
    '',
    '- `VMName`: a string.',
    '- `ResourceGroupName`: one of `rg-a`, `rg-b`; default `rg-a`.',
    '- `token`, secret: a string.',
    '',
    '```text',
    '/run StopVM',
    '```',
  ]);
  expect(formatHelp('run', { tasks: catalogue })).toContain(formatTaskList(catalogue));
});

test.each([
  [{ identity: 'vm-operator' }, 'On Azure, it runs as the identity `vm-operator`.'],
  [{ cpu: 1 }, 'On Azure, it runs with 1 CPU.'],
  [
    { identity: 'vm-operator', cpu: 2, memoryGb: 3.5 },
    'On Azure, it runs as the identity `vm-operator` with 2 CPUs and 3.5 GB of memory.',
  ],
])('the task list shows the runner %j', (runner, sentence) => {
  const [task] = catalogue;
  expect(formatTaskList(task ? [{ ...task, runner }] : []).split('\n')).toContain(sentence);
  expect(formatTaskList(task ? [{ ...task, runner: {} }] : [])).not.toContain('On Azure');
});

test('a copied command without its values runs nothing, and with them it does', () => {
  const compute = {
    algorithms: describeAlgorithms(createBuiltInAlgorithms().values()),
    defaultAlgorithm: 'monte-carlo-pi',
  };
  const copied = (markdown: string) =>
    [...markdown.matchAll(/^```text\n(.*)\n```$/gm)].map(([, line = '']) => line);
  const lines = [
    ...copied(formatTaskList(catalogue)),
    ...copied(formatAlgorithmList(compute, defaultGrammar)),
  ];
  expect(lines).toEqual([
    '/run Hello who=',
    '/run StopVM',
    '/compute 1000',
    '/compute algorithm=statistics inputs=',
    '/compute 1000 algorithm=exec program=',
  ]);
  for (const line of lines) {
    expect(parseCommands(line)[0]?.kind).toBe(line.endsWith('=') ? 'invalid' : 'command');
    const filled = parseOnlyCommand(line.endsWith('=') ? `${line}x` : line);
    expect(interpret(filled, catalogue)).toHaveProperty('intent');
  }
});

test('help for /compute lists the algorithms with types, ranges and defaults, if the orchestrator names them', () => {
  const offer = {
    algorithms: describeAlgorithms(createBuiltInAlgorithms().values()),
    defaultAlgorithm: 'monte-carlo-pi',
    limits: { inputs: 1, blocks: 1, timeoutSeconds: 1 },
  };
  const text = formatHelp('compute', { tasks: [], compute: offer });
  expect(text).toContain(
    '- `samples`: an integer from 1 to 1000000; default `1000`. The number of points per input.',
  );
  expect(text).toContain('**`statistics`**: Computes count');
  expect(formatHelp('compute', nothing)).not.toContain('samples`: an integer');
});
