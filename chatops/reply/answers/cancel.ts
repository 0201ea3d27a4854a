import type { Job } from '../../../compute/client/index.ts';
import type { JobCancellation } from '../../job/index.ts';
import { formatJob, formatProgressLocation } from '../headline.ts';
import { formatJobCommand } from '../job-link.ts';
import { getStateLabel } from '../state-labels.ts';
import { renderNothingToDo } from './select-job.ts';
import { renderRefusal } from './refusal.ts';

/** Says what becomes of the completed blocks of a computation. */
const formatContinuation = (job: Job): string =>
  job.kind === 'compute' && job.startedAt !== null
    ? `, with links to the outputs of completed blocks; ${formatJobCommand(job, 'retry')} continues from there`
    : '';

/** Reports the result of `/cancel`, or that there is nothing to cancel. */
export const renderCancellation = (result: JobCancellation | { outcome: 'nothing-runs' }): string => {
  if (result.outcome === 'nothing-runs')
    return renderNothingToDo('/cancel', 'no job in this thread is running or waiting');
  if (result.outcome === 'stopping')
    return `🛑 **\`/cancel\`** is stopping ${formatJob(result.job)}. ${formatProgressLocation(result.job)} shows how far it got${formatContinuation(result.job)}.`;
  const { emoji, words } = getStateLabel(result.job);
  return renderRefusal('/cancel', `came too late: ${formatJob(result.job)} ${words}. ${emoji}`);
};
