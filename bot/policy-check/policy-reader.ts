import { wholeFileMistake, type ReadPolicy } from '../../chatops/policy/index.ts';
import type { Logger } from '../../runtime/log.ts';
import { WorkerTask } from '../../runtime/worker-task.ts';

/** Reads a policy that anybody may have written. */
export type PolicyReader = (text: string) => Promise<ReadPolicy>;

/** The limits of the format keep every file far below these. */
const generous = { maxMilliseconds: 10_000, maxMegabytes: 192 };

/** Opens a reader of policies in a process of its own, with limits of time and memory. To be closed at the end. */
export const openPolicyReader = (
  log: Logger,
  limits = generous,
): { read: PolicyReader; close: () => Promise<void> } => {
  const task = new WorkerTask<string, ReadPolicy>({
    entry: new URL('./policy-process.ts', import.meta.url),
    ...limits,
  });
  const read: PolicyReader = async (text) => {
    const outcome = await task.run(text);
    if (outcome.kind === 'returned') return outcome.value;
    log.warn(
      { outcome: outcome.kind, characters: text.length },
      'a policy exceeded the limits for reading it',
    );
    return { mistakes: [exceeded[outcome.kind](limits)] };
  };
  return { read, close: () => task.close() };
};

const exceeded = {
  'timed-out': ({ maxMilliseconds }: typeof generous) => ({
    ...wholeFileMistake('The file takes too long to read', `at most ${maxMilliseconds / 1_000} seconds`),
    received: `more than ${maxMilliseconds / 1_000} seconds`,
  }),
  'out-of-memory': ({ maxMegabytes }: typeof generous) => ({
    ...wholeFileMistake('The file takes too much memory to read', `at most ${maxMegabytes} MB`),
    received: `more than ${maxMegabytes} MB`,
  }),
};
