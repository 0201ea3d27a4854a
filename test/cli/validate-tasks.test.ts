import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runCoxswain } from '../fixtures/cli-process.ts';
import { createDataFolders } from '../fixtures/data-folders.ts';

const folder = createDataFolders();

const definition = (name: string, more: object = {}) => ({
  taskName: name,
  dockerImage: 'image',
  scriptName: 'script.sh',
  scriptParameters: [{ parameterName: 'who' }],
  ...more,
});

test('mistakes in definitions are printed with file, line, field, what was expected and received', async () => {
  const root = folder();
  const write = (name: string, content: object | string) =>
    writeFileSync(join(root, name), typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  write('script.sh', '#!/bin/sh\n');
  write('Good.json', definition('Good'));
  write('Comma.json', '{\n  "taskName": "Comma",\n}\n');
  write(
    'Type.json',
    definition('Type', { scriptParameters: [{ parameterName: 'a' }, { parameterName: '1b' }] }),
  );
  write('Missing.json', { taskName: 'Missing', dockerImage: 'image' });
  write('Lost.json', definition('Lost', { scriptName: 'lost.sh' }));
  write(
    'Default.json',
    definition('Default', {
      scriptParameters: [{ parameterName: 'n', parameterType: 'integer', default: 'x' }],
    }),
  );
  const { code, stdout, stderr } = await runCoxswain(['tasks', 'validate', root]);
  expect([code, stderr]).toEqual([1, '6 definitions, 5 not valid\n']);
  const lines = stdout.trim().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/Comma\.json:3: not JSON: /),
    expect.stringMatching(/Default\.json: the default of n is not an allowed value$/),
    expect.stringMatching(/Lost\.json:4: its script lost\.sh is not in the same folder$/),
    expect.stringMatching(/Missing\.json: scriptName: expected a value, received nothing$/),
    expect.stringMatching(/Type\.json:10: scriptParameters\.1\.parameterName: expected at most 63 letters/),
  ]);
  const answer = JSON.parse((await runCoxswain(['tasks', 'validate', root, '--json'])).stdout) as {
    problems: object[];
  };
  expect(answer.problems[4]).toEqual({
    file: 'Type.json',
    line: 10,
    field: 'scriptParameters.1.parameterName',
    message: expect.any(String),
    expected: 'at most 63 letters, digits and "_", not starting with a digit',
    received: '1b',
  });
});

test('our own tasks have no mistakes', async () => {
  const { code, stderr } = await runCoxswain(['tasks', 'validate', 'compute/tasks']);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^\d+ definitions, no mistakes\n$/)]);
});

test.each([
  ['a folder that does not exist', () => '/nowhere/tasks', 'Cannot read the folder /nowhere/tasks (ENOENT).'],
  ['a file', () => 'README.md', 'README.md: expected a folder, received a file.'],
  ['an empty folder', () => folder(), 'expected definitions of tasks (.json), received none.'],
  [
    'a folder with only a subfolder',
    () => {
      const root = folder();
      mkdirSync(join(root, 'a.json'));
      return root;
    },
    'received none.',
  ],
])('%s is a usage error', async (_what, make, says) => {
  const { code, stdout, stderr } = await runCoxswain(['tasks', 'validate', make()]);
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(says)]);
});
