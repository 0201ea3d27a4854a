import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { UserFacingError } from '../runtime/user-facing-error.ts';

/** The options of a command are invalid. The message says which, and how to list the options. */
export class UsageError extends UserFacingError {
  override name = 'UsageError';
}

/** Prints text and exits with 0. */
const printAndExit = (text: string): never => {
  console.log(text.trim());
  process.exit(0);
};

/**
 * Parses the command line. `--help` prints `help` and exits with 0.
 * @throws UsageError for an unknown option, a missing value, or too many arguments
 */
export const readOptions = <const O extends ParseArgsOptionsConfig>(
  help: string,
  options: O,
  {
    maxArguments = 0,
    args = process.argv.slice(2),
  }: { maxArguments?: number; args?: readonly string[] } = {},
) => {
  const all = { ...options, help: { type: 'boolean', short: 'h' } } as const;
  const parsed = tryParse(() =>
    parseArgs({ args, options: all, allowPositionals: maxArguments > 0, strict: true }),
  );
  if ((parsed.values as { help?: boolean }).help) printAndExit(help);
  if (parsed.positionals.length > maxArguments) {
    throw new UsageError(
      `Too many arguments: ${parsed.positionals.slice(maxArguments).join(' ')}. Put the comment in quotes.`,
    );
  }
  return parsed;
};

const tryParse = <T>(parse: () => T): T => {
  try {
    return parse();
  } catch (cause) {
    const [message] = (cause as Error).message.split('. ');
    throw new UsageError(`${message}. Run with --help to list the options.`, { cause });
  }
};

/**
 * Returns the value of `--port`. 0 means any free ports.
 * @throws UsageError
 */
export const parseBasePort = (value: string | undefined, fallback: number): number => {
  if (value === undefined) return fallback;
  const port = Number(value);
  if (/^\d{1,5}$/.test(value) && port <= 65_530) return port;
  throw new UsageError(`--port: expected a number from 0 to 65530, received ${JSON.stringify(value)}.`);
};
