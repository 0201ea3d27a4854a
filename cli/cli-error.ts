import { UserFacingError } from '../runtime/user-facing-error.ts';
import { exitCodes } from './exit-codes.ts';

/** An error that ends the command with a certain exit code. The message is for the person at the terminal. */
export class CliError extends UserFacingError {
  override name = 'CliError';
  readonly exitCode: number;
  constructor(exit: keyof typeof exitCodes, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCodes[exit];
  }
}

/** The command line is not valid. The message says what was expected and received. */
export class UsageError extends CliError {
  override name = 'UsageError';
  constructor(message: string, options?: ErrorOptions) {
    super('usage', message, options);
  }
}
