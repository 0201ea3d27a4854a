import {
  createBoundedPolicyReader,
  readingLimits,
  type PolicyReader,
  type PolicyReading,
} from '../chatops/policy/index.ts';
import { ProcessTask } from '../runtime/process-task.ts';
import { warning } from './report/log.ts';

/** Opens a reader for untrusted policies, in a child process. The caller must close it. */
export const openPolicyReader = (
  limits = readingLimits,
): { read: PolicyReader; close: () => Promise<void> } => {
  const task = new ProcessTask<{ policy: string }, PolicyReading>({
    entry: new URL('./comment/second-reader-process.ts', import.meta.url),
    ...limits,
  });
  const read = createBoundedPolicyReader({
    run: (text) => task.run({ policy: text }),
    limits,
    onExceeded: (kind) => warning(`The policy exceeded the limits for reading it: ${kind}`),
  });
  return { read, close: () => task.close() };
};
