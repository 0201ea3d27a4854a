import type { SecondReader } from '../../chatops/command/index.ts';
import { WorkerTask } from '../../runtime/worker-task.ts';
import { warning } from '../report/print.ts';

/** Many times what the longest comment takes that makes sense. */
const maxMilliseconds = 10_000;

/**
 * The second reader of comments, in a process of its own: it is loaded with the first comment that holds a command, and keeps
 * no step from ending.
 */
export const secondReader = (): SecondReader => {
  const task = new WorkerTask<{ text: string; lines: readonly number[] }, boolean[]>({
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
