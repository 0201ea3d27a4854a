import {
  createBoundedPolicyReader,
  readingLimits,
  type PolicyReader,
  type PolicyReading,
} from '../../chatops/policy/index.ts';
import type { Logger } from '../../runtime/log.ts';
import { ProcessTask } from '../../runtime/process-task.ts';

/**
 * Opens a policy reader with a child process, which starts with the first policy that is expensive to read. The caller must close
 * it.
 */
export const openPolicyReader = (
  log: Logger,
  limits = readingLimits,
): { read: PolicyReader; close: () => Promise<void> } => {
  const task = new ProcessTask<string, PolicyReading>({
    entry: new URL('./policy-process.ts', import.meta.url),
    ...limits,
  });
  const read = createBoundedPolicyReader({
    run: (text) => task.run(text),
    limits,
    onExceeded: (outcome, { length }) =>
      log.warn({ outcome, characters: length }, 'a policy exceeded the limits for reading it'),
  });
  return { read, close: () => task.close() };
};
