import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { definitionPath, scriptPath } from '../../contracts/blob-paths.ts';
import type { Blobs } from '../../compute/storage/open-storage.ts';

/** How long the script of the task `Tally` takes, in seconds. */
export const tallySeconds = 4;

const definition = {
  taskName: 'Tally',
  dockerImage: 'coxswain-runner:latest',
  scriptName: 'tally.sh',
  scriptParameters: [{ parameterName: 'file', parameterType: 'string', required: true }],
  timeoutSeconds: 60,
};
const script = `#!/bin/sh\nset -eu\necho started >> "$file"\nsleep ${tallySeconds}\necho Done.\n`;

/** Puts the task `Tally` into the catalogue: it leaves a line in a file when it starts. */
export const putCountingTask = async (blobs: Blobs): Promise<void> => {
  await blobs.put(scriptPath('tally.sh'), script);
  await blobs.put(definitionPath('Tally'), JSON.stringify(definition));
};

export const getCountFile = (folder: string, round: number): string => join(folder, `tally-${round}`);

/** How often the script of a round has started. */
export const countStarts = async (folder: string, round: number): Promise<number> => {
  const text = await readFile(getCountFile(folder, round), 'utf8').catch(() => '');
  return text.split('\n').length - 1;
};
