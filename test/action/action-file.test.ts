import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readActionFile } from '../../.ci/docs/action.ts';
import { inputDefaults } from '../../action/inputs/input-definitions.ts';
import { outputNames } from '../../action/report/outputs.ts';

describe('action.yml', () => {
  test('has the inputs that the code reads, with the same defaults', async () => {
    const { inputs } = await readActionFile();
    const told = Object.entries(inputs).map(([name, input]) => [name, input.default ?? null]);
    expect(Object.fromEntries(told)).toEqual(inputDefaults);
  });

  test('has the outputs that the code sets', async () => {
    expect(Object.keys((await readActionFile()).outputs)).toEqual([...outputNames]);
  });

  test('starts files that exist', async () => {
    const { runs } = await readActionFile();
    expect([runs.main, runs.post].map((path) => existsSync(path))).toEqual([true, true]);
  });
});
