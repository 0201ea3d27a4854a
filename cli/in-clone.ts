import { existsSync } from 'node:fs';
import { CliError } from './cli-error.ts';

/*
 * In the built command line, this module replaces the commands that run the local platform. The platform starts many processes from the
 * sources, so these commands need a clone: if the built file is in one, the clone's sources run the command.
 */

const runInClone = async (): Promise<number> => {
  const source = new URL('../cli/coxswain.ts', import.meta.url);
  if (!existsSync(source))
    throw new CliError(
      'usage',
      'The local platform runs only in a clone of the repository: run "npm ci" and "npm start" there. The commands that call an orchestrator also work here.',
    );
  await import(source.href);
  // It ends the process.
  return new Promise(() => {});
};

export { runInClone as startPlatform, runInClone as playDemo };
