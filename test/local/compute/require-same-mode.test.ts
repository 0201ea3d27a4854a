import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { requireSameMode } from '../../../local/compute/require-same-mode.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mode-'));
});
afterEach(() => rm(folder, { recursive: true }));

test.each([
  ['hosted', 'own', 'without --functions-app: its jobs were started with it'],
  ['own', 'hosted', 'with --functions-app: its jobs were started without it'],
] as const)('a folder of the mode %s is refused in the mode %s', (first, second, message) => {
  requireSameMode(folder, first);
  requireSameMode(folder, first);
  expect(() => requireSameMode(folder, second)).toThrow(
    `Cannot use the folder ${folder} ${message}. Choose another folder with --data.`,
  );
  requireSameMode(folder, first);
});

test('a folder of an older version has jobs that were not hosted', async () => {
  await writeFile(join(folder, 'jobs.db'), '');
  expect(() => requireSameMode(folder, 'hosted')).toThrow('started without it');
  requireSameMode(folder, 'own');
});
