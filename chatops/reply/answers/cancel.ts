import type { Job } from '../../../compute/client/index.ts';
import type { JobCancellation } from '../../job/index.ts';
import { formatJob, formatProgressLocation } from '../headline.ts';
import { getStateLabel } from '../state-labels.ts';
import { renderJobNotFound, renderNothingToDo } from './status.ts';
import { renderRefusal } from './refusal.ts';

/** What became of a `/cancel`, or that it meant no job. */
export const renderCancellation = (
  result: JobCancellation | { outcome: 'not-found'; id: string } | { outcome: 'nothing-runs' },
): string => {
  if (result.outcome === 'nothing-runs')
    return renderNothingToDo('/cancel', 'no job of this thread was running or waiting');
  if (result.outcome === 'not-found') return renderJobNotFound('/cancel', result.id);
  if (result.outcome === 'stopping')
    return `🛑 **\`/cancel\`** stops ${formatJob(result.job)}. ${formatProgressLocation(result.job)} shows how far it came.`;
  const { emoji, words } = getStateLabel(result.job.state);
  return renderRefusal('/cancel', `came too late: ${formatJob(result.job)} ${words}. ${emoji}`);
};

const retryRefusalReasons = {
  running: 'has not ended yet. Cancel it first, or wait.',
  completed: 'completed, so there is nothing to run again. To have it once more, write its command again.',
  secret: 'had secret parameters, which are kept nowhere. Write its command again, with them.',
  gone: 'ran a task that is not in the catalogue any more.',
} as const;

/** A job that is not run again, and what to do about it. */
export const renderRetryRefusal = (
  command: string,
  job: Job,
  reason: keyof typeof retryRefusalReasons,
): string => renderRefusal(command, `started nothing: ${formatJob(job)} ${retryRefusalReasons[reason]}`);
