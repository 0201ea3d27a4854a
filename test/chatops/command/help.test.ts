import { expect, test } from '@jest/globals';
import { commandNames, help, interpret, readCommands, taskTable } from '../../../chatops/command/index.ts';
import { specs } from '../../../chatops/command/commands/index.ts';
import { decide } from '../../../chatops/policy/index.ts';
import type { TaskDefinition } from '../../../compute/client/index.ts';
import { command } from './written.ts';

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

const examples = Object.values(specs).flatMap((spec) =>
  spec.examples.map((example) => ({ ...example, name: spec.name })),
);

test.each(examples)('the example $command is what it says', ({ command: example, name }) => {
  const read = command(example);
  expect(read).toMatchObject({ name, canonical: example });
  expect(interpret(read, catalogue)).toHaveProperty('intent');
});

test('help is made of what the commands say of themselves', () => {
  const all = help(undefined, []);
  for (const name of commandNames) {
    expect(all).toContain(specs[name].usage);
    const chapter = help(name, []);
    for (const part of [specs[name].usage, specs[name].summary, ...specs[name].notes])
      expect(chapter).toContain(part);
    for (const example of specs[name].examples)
      expect(chapter).toContain(`| \`${example.command}\` | ${example.meaning} |`);
  }
});

test('nothing in help or in the table of tasks is a command', () => {
  const printed = [undefined, ...commandNames].map((about) => help(about, catalogue));
  for (const markdown of [...printed, taskTable(catalogue), taskTable([])])
    expect(readCommands(markdown)).toEqual([]);
});

test('the table of tasks shows what each takes, and no secret', () => {
  expect(taskTable(catalogue).split('\n')).toEqual([
    '| task | what it does | parameters |',
    '| --- | --- | --- |',
    '| `Hello` | `Greets \\| somebody` | `who: string, required` |',
    '| `StopVM` | ``/compute 1  /compute 2 ` <!-- @octocat`` | `VMName: string`<br>`ResourceGroupName: rg-a or rg-b, default rg-a`<br>`token: string, secret` |',
  ]);
  expect(help('run', catalogue)).toContain(taskTable(catalogue));
});

test.each(commandNames)('who may use /%s is what the policy decides', (name) => {
  const { access } = specs[name];
  expect(decide(name, access)).toMatchObject({ allowed: true, needed: access });
});
