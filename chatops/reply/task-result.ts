import * as v from 'valibot';
import { toCodeBlock, toCodeSpan } from '../markdown/untrusted-text.ts';

/** What a task's job has as its result, as far as it is shown. */
const TaskResult = v.object({
  exitCode: v.nullable(v.number()),
  signal: v.nullable(v.string()),
  logTail: v.nullable(v.string()),
});
type TaskResult = v.InferOutput<typeof TaskResult>;

/** A task's result; undefined while nothing is known of its script. */
export const readTaskResult = (result: unknown): TaskResult | undefined => {
  const shown = v.safeParse(TaskResult, result);
  return shown.success ? shown.output : undefined;
};

/** How the script ended, in one sentence. */
export const formatExit = ({ exitCode, signal }: TaskResult): string | undefined => {
  if (signal !== null) return `The script was ended by ${toCodeSpan(signal, 40)}.`;
  return exitCode === null ? undefined : `The script ended with exit code ${toCodeSpan(String(exitCode))}.`;
};

/** The end of its log, folded, in about `room` characters. */
export const renderLogTail = ({ logTail }: TaskResult, maxLength: number): string | undefined => {
  if (logTail === null || logTail.trim() === '') return undefined;
  return `<details><summary>End of the log</summary>\n\n${toCodeBlock(logTail, maxLength)}\n\n</details>`;
};
