import { describeLaunch } from '../../chatops/reply/launch.ts';
import { getStateLabel } from '../../chatops/reply/state-labels.ts';
import type { Job } from '../../compute/client/index.ts';
import { printRemark } from '../print.ts';
import { toPrintable } from '../thread/terminal-text.ts';
import { toShortId } from '../../contracts/ids.ts';

/** Prints the state of a job in one line on standard error. */
export const reportState = (job: Job): void => {
  const { id, state, progress, waiting, launch } = job;
  const counts = progress && state === 'running' ? `: ${progress.done} of ${progress.total} blocks` : '';
  const cause = launch?.waitingFor ? `, ${toPrintable(describeLaunch(job) ?? '')}` : '';
  printRemark(`${toShortId(id)} ${getStateLabel(job).words}${describeWait(waiting)}${cause}${counts}`);
};

/** Returns a function that prints the state of a job when it changes, and its progress with each quarter. */
export const createProgressReporter = (): ((job: Job) => void) => {
  let before = '';
  return (job) => {
    const { state, waiting, launch, progress } = job;
    const quarters = progress ? Math.floor((4 * progress.done) / progress.total) : 0;
    const stage = JSON.stringify([state, waiting, launch, quarters]);
    if (stage !== before) reportState(job);
    before = stage;
  };
};

const describeWait = (waiting: Job['waiting']): string => {
  if (!waiting) return '';
  return toPrintable(waiting.for === 'approval' ? ' for approval' : ` for the lock ${waiting.key}`);
};
