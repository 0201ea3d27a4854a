import { readFile } from 'node:fs/promises';
import { InputError } from '../inputs/inputs.ts';
import type { RunnerContext } from './runner-context.ts';

/** Reads the payload of the event that triggered the run. @throws InputError */
export const readEvent = async ({ event }: RunnerContext): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(event.path ?? '', 'utf8')) as unknown;
  } catch {
    throw new InputError([
      `The runner's GITHUB_EVENT_PATH: expected the path of a JSON file, received ${JSON.stringify(event.path ?? null)}. This program must be started by a GitHub Actions runner.`,
    ]);
  }
};
