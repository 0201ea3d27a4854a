import type { Job } from '../../../compute/client/index.ts';
import { formatJob } from '../headline.ts';
import { renderRefusal } from './refusal.ts';

const refusalReasons = {
  running: 'has not ended yet. Cancel it first, or wait.',
  completed: 'completed, so there is nothing to run again. To have it once more, write its command again.',
  secret: 'had secret parameters, which are kept nowhere. Write its command again, with them.',
  gone: 'ran a task that is not in the catalogue any more.',
} as const;

/** A job that is not run again, and what to do about it. */
export const renderRetryRefusal = (command: string, job: Job, reason: keyof typeof refusalReasons): string =>
  renderRefusal(command, `started nothing: ${formatJob(job)} ${refusalReasons[reason]}`);
