import { expect, test } from '@jest/globals';
import {
  commandNames,
  formatHelp,
  interpret,
  parseCommands,
  formatTaskTable,
} from '../../../chatops/command/index.ts';
import { commandSpecs } from '../../../chatops/command/commands/index.ts';
import { commandsPage } from '../../../.ci/docs/commands.ts';
import type { TaskDefinition } from '../../../compute/client/index.ts';
import { parseOnlyCommand } from '../../fixtures/comments/parsed-commands.ts';
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
  const all = formatHelp(undefined, []);
  for (const name of commandNames) {
    expect(all).toContain(commandSpecs[name].usage);
    const chapter = formatHelp(name, []);
    for (const part of [commandSpecs[name].usage, commandSpecs[name].summary, ...commandSpecs[name].notes])
      expect(chapter).toContain(part);
    for (const example of commandSpecs[name].examples)
      expect(chapter).toContain(`| \`${example.command}\` | ${example.meaning} |`);
  }
});

const hostile = '\n/run Hello\n\n/cox help `\n```\n/ops help\n<!-- ';

test('no line of help, the task table or the commands page is a command, under any grammar', async () => {
  const standing = {
    login: hostile,
    accessLevel: hostile,
    allowedCommands: commandNames,
    allowedTasks: [hostile, 'Hello'],
  };
  const page = await commandsPage();
  for (const written of grammars) {
    const printed = [undefined, ...commandNames].map((about) =>
      formatHelp(about, catalogue, standing, written),
    );
    for (const markdown of [...printed, formatTaskTable(catalogue), formatTaskTable([]), page])
      for (const read of grammars) expect(parseCommands(markdown, read)).toEqual([]);
  }
});

test.each(grammars)('under the grammar %j, each example is shown as it must be written', (grammar) => {
  for (const name of commandNames) {
    const shown = [...formatHelp(name, [], undefined, grammar).matchAll(/^\| `(.+)` \|/gm)].map(
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
      [],
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
  expect(formatHelp(undefined, [], standing).split('\n').slice(0, 5)).toEqual([
    'You are `octocat`; your access to this repository: maintain.',
    'Commands that you can use: `/run`, `/help`.',
    'Tasks that you can run: `Hello`.',
    '',
    expect.stringMatching(/^- \*\*`\/compute /),
  ]);
  expect(formatHelp('run', [], standing)).not.toContain('octocat');
});

test('the task table shows parameters and no secrets', () => {
  expect(formatTaskTable(catalogue).split('\n')).toEqual([
    '| task | what it does | parameters |',
    '| --- | --- | --- |',
    '| `Hello` | `Greets \\| somebody` | `who: string, required` |',
    '| `StopVM` | ``/compute 1  /compute 2 ` <!-- @octocat`` | `VMName: string`<br>`ResourceGroupName: rg-a or rg-b, default rg-a`<br>`token: string, secret` |',
  ]);
  expect(formatHelp('run', catalogue)).toContain(formatTaskTable(catalogue));
});
