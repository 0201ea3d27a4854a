import { pino, type Logger } from 'pino';
import { withoutSecrets } from './secrets.ts';

export type { Logger };

/**
 * Fields under whose names secrets travel, at any depth of a line of JSON: values that are too short to be known by themselves. A value
 * is text, a number, or a list or an object of such.
 */
const secretFields =
  /"(key|token|secret|password|connectionString|authorization|privateKey|webhookSecret|x-functions-key)":(?:"(?:[^"\\]|\\.)*"|-?\d[^,}\]]*|\[[^[\]{}]*\]|\{[^[\]{}]*\})/gi;

/** What is a secret by its form, whoever's it is. */
const secretShapes: readonly [pattern: RegExp, shown: string][] = [
  // The signature of a SAS, a key in a URL; also where the URL is itself encoded.
  [/((?:[?&]|%3f|%26|\\u0026)(?:sig|code)(?:=|%3d))[^&"'\s\\]+/gi, '$1[redacted]'],
  [/(AccountKey=)[^;"'\s\\]+/gi, '$1[redacted]'],
  // Tokens: JWTs, and those of GitHub.
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+/g, '[redacted]'],
  [/\b(?:gh[a-z]_|github_pat_)\w{16,}/g, '[redacted]'],
];

/**
 * A program's logger: JSON lines on stderr, level by `LOG_LEVEL` (default `info`). Secrets are masked in each line as a whole, wherever
 * they stand in it: by value (`registerSecret`), by form, by field.
 */
export const logger = (program: string, level = process.env['LOG_LEVEL'] ?? 'info'): Logger =>
  pino(
    { base: { program }, level, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write: (line: string) =>
        void process.stderr.write(masked(line.replace(secretFields, '"$1":"[redacted]"'))),
    },
  );

/** Returns the text with all secrets masked that this process has read, and those that are known by their form. */
export const masked = (text: string): string =>
  secretShapes.reduce((shown, [pattern, instead]) => shown.replace(pattern, instead), withoutSecrets(text));
