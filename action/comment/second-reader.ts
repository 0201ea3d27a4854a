import type { SecondReader } from '../../chatops/command/index.ts';
import { ProcessTask } from '../../runtime/process-task.ts';
import { warning } from '../report/log.ts';

/** Many times the duration for the longest realistic comment. */
const maxMilliseconds = 10_000;

/**
 * Returns the second reader of comments, in a child process that starts with the first comment that contains a command, and that does
 * not keep the step running.
 */
export const createSecondReader = (): SecondReader => {
  const task = new ProcessTask<{ text: string; lines: readonly number[] }, boolean[]>({
    entry: new URL('./second-reader-process.ts', import.meta.url),
    maxMilliseconds,
    maxMegabytes: 256,
  });
  return async (text, lines) => {
    const outcome = await task.run({ text, lines });
    if (outcome.kind === 'returned') return outcome.value;
    warning(`Could not verify which lines of the comment are visible text: ${outcome.kind}`);
    return [];
  };
};
