import { expect } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';

/** Holds a text against `golden/<name>.md`, or writes it there if the environment says `UPDATE_GOLDEN`. */
export const expectGolden = async (name: string, text: string): Promise<void> => {
  const file = new URL(`golden/${name}.md`, import.meta.url);
  if (process.env['UPDATE_GOLDEN']) await writeFile(file, `${text}\n`);
  expect(`${text}\n`).toBe(await readFile(file, 'utf8'));
};
