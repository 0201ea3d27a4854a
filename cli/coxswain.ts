import { CommanderError } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { createProgram } from './program/program.ts';
import { runCli } from './run-cli.ts';

/* The command line, see docs/cli.md. In a clone, the npm scripts start this file; the release has it as one JavaScript file. */

const main = async (): Promise<number> => {
  let code: number = exitCodes.ok;
  try {
    await createProgram((given) => (code = given)).parseAsync();
    return code;
  } catch (error) {
    // It has printed its message, or the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    throw error;
  }
};

void runCli(main);
