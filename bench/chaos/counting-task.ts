import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { definitionPath, scriptPath } from '../../contracts/blob-paths.ts';
import type { Blobs } from '../../compute/storage/open-storage.ts';

/** The duration of the script of the task `Tally`, in seconds. */
export const tallySeconds = 4;

const definition = {
  taskName: 'Tally',
  dockerImage: 'coxswain-runner:latest',
  scriptName: 'tally.sh',
  scriptParameters: [{ parameterName: 'file', parameterType: 'string', required: true }],
  timeoutSeconds: 60,
};
const script = `#!/bin/sh\nset -eu\necho started >> "$file"\nsleep ${tallySeconds}\necho Done.\n`;

/** Adds the task `Tally` to the catalogue. It appends a line to a file when it starts. */
export const putCountingTask = async (blobs: Blobs): Promise<void> => {
  await blobs.put(scriptPath('tally.sh'), script);
  await blobs.put(definitionPath('Tally'), JSON.stringify(definition));
};

export const getCountFile = (folder: string, round: number): string => join(folder, `tally-${round}`);

/** Returns how many times the script of a round has started. */
export const countStarts = async (folder: string, round: number): Promise<number> => {
  const text = await readFile(getCountFile(folder, round), 'utf8').catch(() => '');
  return text.split('\n').length - 1;
};
