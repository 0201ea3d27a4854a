import { getStateLabel } from '../../chatops/reply/state-labels.ts';
import type { Job } from '../../compute/client/index.ts';
import { printRemark } from '../print.ts';
import { toPrintable } from '../thread/terminal-text.ts';
import { toShortId } from './short-id.ts';

/** Prints the state of a job in one line, beside the answer. */
export const reportProgress = (job: Job): void => {
  const { id, state, progress, waiting } = job;
  const counts = progress && state === 'running' ? `: ${progress.done} of ${progress.total} blocks` : '';
  printRemark(`${toShortId(id)} ${getStateLabel(job).words}${describeWait(waiting)}${counts}`);
};

const describeWait = (waiting: Job['waiting']): string => {
  if (!waiting) return '';
  return toPrintable(waiting.for === 'approval' ? ' for approval' : ` for the lock ${waiting.key}`);
};
