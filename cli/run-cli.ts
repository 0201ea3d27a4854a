import { inspect } from 'node:util';
import { OrchestratorError } from '../compute/client/index.ts';
import { NoPlatformError } from '../local/platform/platform-file.ts';
import { maskSecrets } from '../runtime/log.ts';
import { bypassProxyForLoopback } from '../runtime/loopback.ts';
import { UserFacingError } from '../runtime/user-facing-error.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { FollowTimeoutError } from './thread/follow-comment.ts';
import { GitHubCallError } from './thread/github-client.ts';

const getErrorCode = (error: unknown): number => {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof FollowTimeoutError) return exitCodes.timeout;
  if (error instanceof NoPlatformError || error instanceof GitHubCallError) return exitCodes.unreachable;
  if (error instanceof OrchestratorError) return exitCodes.unreachable;
  return error instanceof UserFacingError ? exitCodes.failed : exitCodes.internal;
};

/** Runs the command line: exits with the code that `main` returns, or prints the error and exits with its code. */
export const runCli = async (main: () => Promise<number>): Promise<never> => {
  const fail = (error: unknown): Promise<never> => {
    const code = getErrorCode(error);
    // The message of any other error is written for the person at the terminal.
    console.error(maskSecrets(code === exitCodes.internal ? inspect(error) : (error as Error).message));
    return exit(code);
  };
  // Node itself would print the error without masking secrets.
  process.on('uncaughtException', (error) => void fail(error));
  // The reader of a pipe, such as head, can have enough before the end.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok);
    console.error(inspect(error));
    // Without waiting for the streams: the next write, for example to a full disk, would fail again, and so on without end.
    process.exit(exitCodes.internal);
  });
  process.stderr.on('error', () => process.exit(exitCodes.internal));
  bypassProxyForLoopback();
  let code: number;
  try {
    code = await main();
  } catch (error) {
    return fail(error);
  }
  return exit(code);
};

/** Exits when the readers of both streams have taken everything: Node writes to a pipe asynchronously, and drops the rest at an exit. */
const exit = async (code: number): Promise<never> => {
  for (const stream of [process.stdout, process.stderr])
    await new Promise((resolve) => stream.write('', resolve));
  return process.exit(code);
};
