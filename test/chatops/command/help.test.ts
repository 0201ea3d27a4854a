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

test.each(examples)('the example $command is what it says', ({ command: example, name }) => {
  const read = parseOnlyCommand(example);
  expect(read).toMatchObject({ name, canonical: example });
  expect(interpret(read, catalogue)).toHaveProperty('intent');
});

test('help is made of what the commands say of themselves', () => {
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

test('nothing in help, in the table of tasks or in the page of commands is a command, under any grammar', async () => {
  const standing = { login: hostile, words: hostile, may: commandNames, tasks: [hostile, 'Hello'] };
  const page = await commandsPage();
  for (const written of grammars) {
    const printed = [undefined, ...commandNames].map((about) =>
      formatHelp(about, catalogue, standing, written),
    );
    for (const markdown of [...printed, formatTaskTable(catalogue), formatTaskTable([]), page])
      for (const read of grammars) expect(parseCommands(markdown, read)).toEqual([]);
  }
});

test.each(grammars)('under the grammar %j each example is shown as it is to be written', (grammar) => {
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

test('a prefix of one’s own stands before every command that help names', () => {
  const ops = { prefix: 'ops', required: true };
  for (const about of [undefined, ...commandNames]) {
    const text = formatHelp(about, [], { login: 'a', words: 'read', may: ['help'], tasks: [] }, ops);
    for (const [, word] of text.matchAll(/`\/([a-z]+)/g)) expect(word).toBe('ops');
  }
});

test('the overview begins with who one is here', () => {
  const standing = { login: 'octocat', words: 'maintain', may: ['run', 'help'] as const, tasks: ['Hello'] };
  expect(formatHelp(undefined, [], standing).split('\n').slice(0, 5)).toEqual([
    'You are `octocat` here; your access to this repository: maintain.',
    'Commands that you may use: `/run`, `/help`.',
    'Tasks that you may run: `Hello`.',
    '',
    expect.stringMatching(/^- \*\*`\/compute /),
  ]);
  expect(formatHelp('run', [], standing)).not.toContain('octocat');
});

test('the table of tasks shows what each takes, and no secret', () => {
  expect(formatTaskTable(catalogue).split('\n')).toEqual([
    '| task | what it does | parameters |',
    '| --- | --- | --- |',
    '| `Hello` | `Greets \\| somebody` | `who: string, required` |',
    '| `StopVM` | ``/compute 1  /compute 2 ` <!-- @octocat`` | `VMName: string`<br>`ResourceGroupName: rg-a or rg-b, default rg-a`<br>`token: string, secret` |',
  ]);
  expect(formatHelp('run', catalogue)).toContain(formatTaskTable(catalogue));
});
