import type { Job } from '../../../compute/client/index.ts';
import { formatJob } from '../headline.ts';
import { renderRefusal } from './refusal.ts';

const refusalReasons = {
  running: 'has not ended yet. Cancel it first, or wait.',
  completed: 'completed, so there is nothing to retry. To run it again, write its command again.',
  secret: 'had secret parameters, which are not stored. Write its command again, including them.',
  gone: 'ran a task that is no longer in the catalogue.',
} as const;

/** Explains why a job cannot be retried, and what to do instead. */
export const renderRetryRefusal = (command: string, job: Job, reason: keyof typeof refusalReasons): string =>
  renderRefusal(command, `was not started: ${formatJob(job)} ${refusalReasons[reason]}`);
