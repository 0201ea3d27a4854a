import {
  boundedPolicyReader,
  readingLimits,
  type PolicyReader,
  type ReadPolicy,
} from '../chatops/policy/index.ts';
import { WorkerTask } from '../runtime/worker-task.ts';
import { warning } from './report/print.ts';

/** Returns a reader for policies that anyone could have written, in a child process that does not keep the step running. */
export const policyReader = (limits = readingLimits): PolicyReader => {
  const task = new WorkerTask<{ policy: string }, ReadPolicy>({
    entry: new URL('./comment/second-reader-process.ts', import.meta.url),
    ...limits,
  });
  return boundedPolicyReader({
    run: (text) => task.run({ policy: text }),
    limits,
    onExceeded: (kind) => warning(`The policy exceeded the limits for reading it: ${kind}`),
  });
};
