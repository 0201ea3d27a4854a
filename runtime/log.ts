import { pino, type Logger } from 'pino';
import { maskRegisteredSecrets } from './secrets.ts';

export type { Logger };

/**
 * Names of fields whose values are masked, at any depth of a JSON line, because they are too short to be masked by value. A value is
 * text, a number, or a list or an object of these.
 */
const secretFields =
  /"(key|token|secret|password|connectionString|authorization|privateKey|webhookSecret|x-functions-key)":(?:"(?:[^"\\]|\\.)*"|-?\d[^,}\]]*|\[[^[\]{}]*\]|\{[^[\]{}]*\})/gi;

/** Secrets that are recognized by their form. */
const secretShapes: readonly [pattern: RegExp, shown: string][] = [
  // The signature of a SAS, or a key in a URL; also if the URL itself is encoded.
  [/((?:[?&]|%3f|%26|\\u0026)(?:sig|code)(?:=|%3d))[^&"'\s\\]+/gi, '$1[redacted]'],
  [/(AccountKey=)[^;"'\s\\]+/gi, '$1[redacted]'],
  // GitHub's tokens.
  [/\b(?:gh[a-z]_|github_pat_)\w{16,}/g, '[redacted]'],
];

/**
 * A JWT. The search for its dots starts where its word starts: starting at each `eyJ`, it took seconds for a line of nothing but
 * `-eyJ`. Few lines have an `eyJ`, and the search is too slow for all the others.
 */
const webToken = /(?<![\w-])(?=[\w-]+\.[\w-]{8,}\.[\w-])([\w-]*?)\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+/g;
const maskWebTokens = (text: string): string =>
  text.includes('eyJ') ? text.replace(webToken, '$1[redacted]') : text;

/** The levels of a log, from the fewest to the most messages. */
export const levels = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

/** The level in `LOG_LEVEL`. A program logs before it reads its settings, which reject an unknown level. */
const readLevel = (): string => {
  const level = process.env['LOG_LEVEL'] ?? '';
  return levels.some((known) => known === level) ? level : 'info';
};

/**
 * Returns a program's logger: JSON lines on stderr, with the level in `LOG_LEVEL` (default `info`). Secrets are masked anywhere in a
 * line: by value (`registerSecret`), by form and by field name.
 */
export const createLogger = (program: string, level = readLevel()): Logger =>
  pino(
    { base: { program }, level, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write: (line: string) =>
        void process.stderr.write(maskSecrets(line.replace(secretFields, '"$1":"[redacted]"'))),
    },
  );

/** Masks all secrets in a text that this process has read, or that are recognized by their form. */
export const maskSecrets = (text: string): string =>
  secretShapes.reduce(
    (shown, [pattern, instead]) => shown.replace(pattern, instead),
    maskWebTokens(maskRegisteredSecrets(text)),
  );
