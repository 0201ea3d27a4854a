import { exitCodes } from './exit-codes.ts';

/**
 * Makes Ctrl-C end the command with a message, such as that the job continues and how to cancel it.
 * @param getMessage called when it happens
 */
export const explainInterruption = (getMessage: () => string): void => {
  const end = (): never => {
    console.error(`\n${getMessage()}`);
    process.exit(exitCodes.interrupted);
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
};
