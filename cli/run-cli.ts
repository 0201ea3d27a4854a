import { inspect } from 'node:util';
import { OrchestratorError } from '../compute/client/index.ts';
import { maskSecrets } from '../runtime/log.ts';
import { bypassProxyForLoopback } from '../runtime/loopback.ts';
import { UserFacingError } from '../runtime/user-facing-error.ts';

/** Returns whether the message of an error is written for the user at the terminal, so that it is printed without a stack. */
const isForPerson = (error: unknown): error is Error =>
  error instanceof UserFacingError || error instanceof OrchestratorError;

/** Runs a command: exits with the code that `main` returns, or prints the error and exits with 1. */
export const runCli = async (main: () => Promise<number>): Promise<never> => {
  const end = (error: unknown): never => {
    const text = isForPerson(error) ? error.message : inspect(error);
    console.error(maskSecrets(text));
    process.exit(1);
  };
  // Node itself would print the error without masking secrets.
  process.on('uncaughtException', end);
  bypassProxyForLoopback();
  try {
    return process.exit(await main());
  } catch (error) {
    return end(error);
  }
};
