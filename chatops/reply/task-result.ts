import * as v from 'valibot';
import { fenced, inline } from '../markdown/untrusted-text.ts';

/** What a task's job has as its result, as far as it is shown. */
const Shown = v.object({
  exitCode: v.nullable(v.number()),
  signal: v.nullable(v.string()),
  logTail: v.nullable(v.string()),
});
type Shown = v.InferOutput<typeof Shown>;

/** A task's result; undefined while nothing is known of its script. */
export const readTaskResult = (result: unknown): Shown | undefined => {
  const shown = v.safeParse(Shown, result);
  return shown.success ? shown.output : undefined;
};

/** How the script ended, in one sentence. */
export const exitText = ({ exitCode, signal }: Shown): string | undefined => {
  if (signal !== null) return `The script was ended by ${inline(signal, 40)}.`;
  return exitCode === null ? undefined : `The script ended with exit code ${inline(String(exitCode))}.`;
};

/** The end of its log, folded, in about `room` characters. */
export const logText = ({ logTail }: Shown, room: number): string | undefined => {
  if (logTail === null || logTail.trim() === '') return undefined;
  return `<details><summary>End of the log</summary>\n\n${fenced(logTail, room)}\n\n</details>`;
};
