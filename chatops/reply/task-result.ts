import * as v from 'valibot';
import { fenced, inline } from './foreign.ts';

/** What a task's job has as its result, as far as it is shown. */
const Shown = v.object({
  exitCode: v.nullable(v.number()),
  signal: v.nullable(v.string()),
  logTail: v.nullable(v.string()),
});

const exitText = ({ exitCode, signal }: v.InferOutput<typeof Shown>): string | undefined => {
  if (signal !== null) return `Ended by signal ${inline(signal, 40)}.`;
  return exitCode === null ? undefined : `Exit code ${inline(String(exitCode))}.`;
};

const logText = (tail: string | null, room: number): string | undefined => {
  if (tail === null || tail.trim() === '') return undefined;
  return `<details><summary>End of the log</summary>\n\n${fenced(tail, room)}\n\n</details>`;
};

/** How a task's script ended, and the end of its log, folded, in about `room` characters. */
export const taskResultText = (result: unknown, room: number): (string | undefined)[] => {
  const shown = v.safeParse(Shown, result);
  return shown.success ? [exitText(shown.output), logText(shown.output.logTail, room)] : [];
};
