import { pino, type Logger } from 'pino';

export type { Logger };

/** Names under which secrets travel in our objects; pino prints `[redacted]` in their place. */
const secretPaths = [
  'key',
  'token',
  'secret',
  'connectionString',
  'headers.authorization',
  '*.key',
  '*.token',
  '*.secret',
  '*.connectionString',
];

/**
 * A program's logger: JSON lines on stderr, level by `LOG_LEVEL` (default `info`). The value of any `sig=` (a SAS) or
 * `code=` (a function or system key) in a message or an error is masked.
 */
export const logger = (program: string, level = process.env['LOG_LEVEL'] ?? 'info'): Logger =>
  pino(
    {
      base: { program },
      level,
      redact: { paths: secretPaths, censor: '[redacted]' },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    { write: (line: string) => void process.stderr.write(masked(line)) },
  );

/** The text with the value of each `sig=` and `code=` parameter masked. */
export const masked = (text: string): string =>
  text.replace(/([?&](?:sig|code)=)[^&"'\s\\]+/g, '$1[redacted]');
