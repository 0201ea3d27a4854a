import { readFile } from 'node:fs/promises';
import { InputError } from '../inputs/inputs.ts';
import type { RunnerContext } from './runner-context.ts';

/** The payload of the event that began the run. @throws InputError */
export const readEvent = async ({ event }: RunnerContext): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(event.path ?? '', 'utf8')) as unknown;
  } catch {
    throw new InputError([
      `The runner's GITHUB_EVENT_PATH: expected a file of JSON, received ${JSON.stringify(event.path ?? null)}. This program is to be started by a runner of GitHub Actions.`,
    ]);
  }
};
