import type { SecondReader } from '../chatops/command/index.ts';
import type { Logger } from '../runtime/log.ts';
import { WorkerTask } from '../runtime/worker-task.ts';

/** Anybody who may run something decides what it reads: the longest comment that makes sense takes less than half of this. */
const maxMilliseconds = 5_000;

/** No comment takes that much in the time it has. A thread that exceeds its limit may take the whole process with it. */
const maxMegabytes = 512;

/** The second reader of comments, in a thread of its own. To be closed at the end. */
export const openSecondReader = (
  log: Logger,
  limits = { maxMilliseconds, maxMegabytes },
): { read: SecondReader; close: () => Promise<void> } => {
  const task = new WorkerTask<{ text: string; lines: readonly number[] }, boolean[]>({
    entry: new URL('./second-reader-thread.ts', import.meta.url),
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
