import type { JobState } from '../../compute/client/index.ts';
import { sanitizeText, toCodeBlock } from '../markdown/untrusted-text.ts';

/** The maximum number of lines of a log that is always shown, and of the last lines of a running task's log. */
const maxShortLines = 5;
/** The number of lines of a failed task's log that are shown; earlier ones are collapsed. */
const maxOpenLines = 20;
const maxOpenLength = 4_096;
const maxLastLinesLength = 1_000;

/** Returns whether a finished task's log is shown without a click: the task failed, or the log is short. */
export const isLogOpen = (state: JobState, log: string): boolean =>
  state === 'failed' || state === 'timed-out' || splitLines(log).length <= maxShortLines;

/** Renders the end of a finished task's log, in about `maxLength` characters: open as `isLogOpen` says, otherwise collapsed. */
export const renderLogTail = (state: JobState, logTail: string, maxLength: number): string | undefined => {
  const lines = splitLines(logTail);
  if (lines.length === 0) return undefined;
  if (!isLogOpen(state, logTail)) return collapse('End of the log', toBlock(lines, maxLength));
  const room = Math.min(maxOpenLength, maxLength);
  // Few lines can be the end of a long log if they are long.
  const isWhole = lines.length <= maxShortLines && logTail.length < maxOpenLength;
  const last = `${isWhole ? 'Log' : 'End of the log'}:\n\n${toBlock(lines.slice(-maxOpenLines), room)}`;
  const earlier = lines.slice(0, -maxOpenLines);
  const rest = Math.max(0, maxLength - last.length);
  return earlier.length === 0 || rest === 0
    ? last
    : `${last}\n\n${collapse('Earlier lines', toBlock(earlier, rest))}`;
};

/** Renders the last lines of a running task's log. */
export const renderLastLines = (lastLines: string): string | undefined => {
  const lines = splitLines(lastLines).slice(-maxShortLines);
  return lines.length === 0 ? undefined : `Last lines of the log:\n\n${toBlock(lines, maxLastLinesLength)}`;
};

/** Splits a log into its lines, without blank ones at its start and end. */
const splitLines = (log: string): string[] => {
  const text = sanitizeText(log)
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd();
  return text === '' ? [] : text.split('\n');
};

const toBlock = (lines: readonly string[], maxLength: number): string =>
  toCodeBlock(lines.join('\n'), maxLength);

const collapse = (title: string, markdown: string): string =>
  `<details><summary>${title}</summary>\n\n${markdown}\n\n</details>`;
