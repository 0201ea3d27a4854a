import type { SecondReader } from '../chatops/command/index.ts';
import type { Logger } from '../runtime/log.ts';
import { ProcessTask } from '../runtime/process-task.ts';

/** The time limit. Anyone who can run something controls the input; the longest realistic comment takes less than half of it. */
const maxMilliseconds = 5_000;

/** The memory limit. Of 43 hostile shapes of 64 KB, those that finish within the Action's limit (10 s) take up to 250 MB. */
const maxMegabytes = 256;

/** Opens the second reader of comments in a child process. The caller must close it. */
export const openSecondReader = (
  log: Logger,
  limits = { maxMilliseconds, maxMegabytes },
): { read: SecondReader; close: () => Promise<void> } => {
  const task = new ProcessTask<{ text: string; lines: readonly number[] }, boolean[]>({
    entry: new URL('./second-reader-process.ts', import.meta.url),
    ...limits,
  });
  const read: SecondReader = async (text, lines) => {
    const outcome = await task.run({ text, lines });
    if (outcome.kind === 'returned') return outcome.value;
    log.warn(
      { outcome: outcome.kind, characters: text.length },
      'the second reader exceeded its limits: refusing the commands of a comment',
    );
    return [];
  };
  return { read, close: () => task.close() };
};
